namespace Aspire.Webhooks.Bench.Parts;

/// <summary>Whether what is accepted is worked off meanwhile, on the same machine.</summary>
internal static class SustainedPart
{
    private const double Rate = 3000;

    public static Part Create() => new("sustained", "Accept and drain at once at 3,000/s, with a no-op listener.", RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        await using var database = await stores.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(stores, database);
        await using var worker = await Services.WorkerAsync(stores, database, Listeners.NoOp);
        var rate = measurement.IsSmoke ? 100 : Rate;
        await OfferAsync(receiver, rate, measurement.Duration(3));
        await database.DrainedAsync(0);

        List<(Answers Answers, double Growth)> rounds = [];
        for (var round = 0; round < measurement.Rounds; round++)
        {
            // What is on its way is no backlog: it is as much at the end as after the first second.
            var before = await database.LastJobAsync();
            var offering = OfferAsync(receiver, rate, measurement.Duration(20));
            await Task.Delay(TimeSpan.FromSeconds(measurement.IsSmoke ? 0.2 : 1), TimeProvider.System);
            var (first, at) = (await database.OpenJobsAsync(before), TimeProvider.System.GetTimestamp());
            var answers = await offering;
            var last = await database.OpenJobsAsync(before);
            rounds.Add((answers, (last - first) / TimeProvider.System.GetElapsedTime(at).TotalSeconds));
            Measurement.Say($"open {first} after the start, {last} at the end; {answers.AcceptedPerSecond:0}/s accepted, "
                + $"{answers.Latencies}");
            await database.DrainedAsync(before);
        }

        measurement.Add(new("accepted", Rates.Median(rounds.Select(round => round.Answers.AcceptedPerSecond)), "/s",
            $"of {rate:N0}/s offered, 256 connections", AtLeast: 0.99 * rate));
        measurement.Add(new("backlog grows by", Rates.Median(rounds.Select(round => round.Growth)), "/s", AtMost: 0.01 * rate));
        measurement.Add(new("accept, p99", Rates.Median(rounds.Select(round => round.Answers.Latencies.At(0.99))), "ms"));
    }

    private static async Task<Answers> OfferAsync(ChildProcess receiver, double rate, TimeSpan duration)
    {
        var requests = SignedRequests.Create((int)Math.Ceiling(rate * duration.TotalSeconds) + 1, 1024);
        return await LoadGenerator.RunAsync(new([receiver.Address], requests, 256, duration) { PerSecond = rate });
    }
}
