using System.Globalization;

namespace Aspire.Webhooks.Bench.Parts;

/// <summary>What the Receiver does with three times as many requests as it can take.</summary>
internal static class OverloadPart
{
    private const int Overload = 3;

    // More senders than requests that may wait, so that it is the Receiver that refuses.
    private const int Connections = 4096;

    public static Part Create() => new(
        "overload",
        "One Receiver, offered three times its capacity (a closed loop of 256 connections), open loop over 4,096 connections.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        await using var database = await stores.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(stores, database);
        await ClosedAsync(receiver, measurement.Duration(3));
        List<(double Goodput, double Sent, double P99, double Unanswered, double Recovery)> rounds = [];
        for (var round = 0; round < measurement.Rounds; round++)
        {
            rounds.Add(await RoundAsync(measurement, receiver, database));
        }

        // Less than the overload where all connections were waiting for answers.
        measurement.Add(new("sent ÷ capacity", Rates.Median(rounds.Select(round => round.Sent)), "×"));
        measurement.Add(new("goodput ÷ capacity", Rates.Median(rounds.Select(round => round.Goodput)), "×", AtLeast: 0.8));
        measurement.Add(new("p99 of what is accepted", Rates.Median(rounds.Select(round => round.P99)), "ms", AtMost: 2000));
        measurement.Add(new("committed but not answered 2xx", Rates.Median(rounds.Select(round => round.Unanswered)), "%",
            AtMost: 1));
        measurement.Add(new("back to normal after", Rates.Median(rounds.Select(round => round.Recovery)), "s", AtMost: 2));
    }

    private static async Task<(double, double, double, double, double)> RoundAsync(
        Measurement measurement, ChildProcess receiver, Database database)
    {
        await database.ClearAsync();
        await database.CheckpointAsync();
        var capacity = (await ClosedAsync(receiver, measurement.Duration(8))).AcceptedPerSecond;
        var duration = measurement.Duration(30);
        var requests = SignedRequests.Create((int)(capacity * Overload * duration.TotalSeconds) + 1, 1024);
        var calm = TimeSpan.FromSeconds(measurement.IsSmoke ? 1 : 6);
        var before = await LoadGenerator.RunAsync(Open(receiver, Offered(capacity / 2, calm), capacity / 2, 256));

        // Signed before it begins: what recovers is looked at from the first moment after.
        var connections = measurement.IsSmoke ? 256 : Connections;
        var after = Offered(capacity / 2, calm);
        var over = await LoadGenerator.RunAsync(Open(receiver, requests, capacity * Overload, connections));
        var recovering = await LoadGenerator.RunAsync(Open(receiver, after, capacity / 2, 256));

        // Counted after the calm that follows: by then, what was under way has been committed or rolled back.
        var committed = await database.ScalarAsync<long>(
            "select count(*) from webhooks.inbound_events where starts_with(delivery_id, $1)", requests.Prefix);
        var answered = over.Each.Count(one => one.IsAccepted);
        var statuses = over.ByStatus.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}");
        Measurement.Say(string.Create(CultureInfo.InvariantCulture,
            $"capacity {capacity:0}/s, goodput {over.AcceptedPerSecond:0}/s of {over.Count / duration.TotalSeconds:0}/s; ")
            + $"{over.Unsent} not sent; {over.Latencies}; "
            + $"answers {string.Join(", ", statuses)}; {committed} committed");
        return (
            over.AcceptedPerSecond / capacity, (over.Count - over.Unsent) / over.Duration.TotalSeconds / capacity,
            over.Latencies.At(0.99),
            committed == 0 ? double.NaN : (committed - answered) * 100.0 / committed,
            RecoveredAfter(recovering, before.Latencies));
    }

    // Until a second begins of whose requests 99 of 100 are accepted, and wait at most three times as long as 99 of 100 did
    // before.
    // A lone slow request later on is no overload: it comes with a checkpoint, in calm times too.
    private static double RecoveredAfter(Answers after, Latencies before)
    {
        const double Step = 0.1;
        var limit = Math.Max(before.At(0.99) * 3, 100);
        var steps = after.Each.GroupBy(one => (int)(one.Due.TotalSeconds / Step)).OrderBy(step => step.Key)
            .Select(step => (All: step.Count(),
                Late: step.Count(one => !one.IsAccepted || one.Latency.TotalMilliseconds > limit)))
            .ToList();
        var second = Math.Min((int)(1 / Step), steps.Count);
        for (var at = 0; at <= steps.Count - second; at++)
        {
            var range = steps.GetRange(at, second);
            if (range.Sum(step => step.Late) * 100 <= range.Sum(step => step.All))
            {
                return at * Step;
            }
        }

        return steps.Count * Step;
    }

    private static Task<Answers> ClosedAsync(ChildProcess receiver, TimeSpan duration) => LoadGenerator.RunAsync(
        new([receiver.Address], Offered(40_000, duration), 256, duration));

    private static SignedRequests Offered(double rate, TimeSpan duration) =>
        SignedRequests.Create((int)(rate * duration.TotalSeconds) + 1, 1024);

    private static Load Open(ChildProcess receiver, SignedRequests requests, double rate, int connections) =>
        new([receiver.Address], requests, connections, TimeSpan.FromSeconds(requests.Count / rate)) { PerSecond = rate };
}
