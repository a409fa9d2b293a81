using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Bench.Parts;

/// <summary>How many signed requests a second are answered 2xx, each kept durably before, as the receiver does that.</summary>
internal static class AcceptPart
{
    private const string Ours = "ours";
    private const string Before = "the other checkout";
    private const string Quiet = "ours without log lines";

    // The shell that starts a process drops variables with dots in their names, so no longer category is named.
    private const string OurLogs = "Logging__LogLevel__Aspire";
    private const string Fastify = "Fastify + pg";
    private const string FastApi = "FastAPI + SQLite";
    private const string Kestrel = "a Kestrel that only verifies";
    private const string Commits = "the same commits alone";

    // More commits at once than the Receiver makes, so that the processors are busy while one waits for the disk.
    private const int Committers = 4;
    private const int Batch = 128;

    // What the warm-up measures is too low, and the fastest second is not the average one.
    private const double Reserve = 2.5;

    public static Part Create() =>
        new("accept", "Signed requests answered 2xx per second, closed loop; ours commits each before it answers.", RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        await using var sink = await TelemetrySink.StartAsync();
        await using var database = await stores.NewDatabaseAsync();
        await using var exportingDatabase = await stores.NewDatabaseAsync();
        await using var peerDatabase = await stores.NewDatabaseAsync();
        await using var ours = await Services.ReceiverAsync(stores, database);
        await using var quietDatabase = await stores.NewDatabaseAsync();
        await using var beforeDatabase = await stores.NewDatabaseAsync();
        await using var quiet = await Services.ReceiverAsync(stores, quietDatabase, settings: (OurLogs, "Warning"));
        await using var before = measurement.Against is not { } checkout
            ? null
            : await Services.ReceiverAsync(stores, beforeDatabase, checkout: checkout);
        await using var exporting = await Services.ReceiverAsync(stores, exportingDatabase, sink.Address);
        await using var kestrel = !measurement.WithPeers ? null : await Peers.VerifierAsync(stores);
        await using var fastify = !measurement.WithPeers ? null : await Peers.FastifyAsync(stores, peerDatabase);
        await using var fastApi = !measurement.WithPeers ? null : await Peers.FastApiAsync(stores);

        (string Name, ChildProcess? Receiver, Func<Task> Clear)[] receivers =
        [
            (Ours, ours, database.ClearAsync), (Before, before, beforeDatabase.ClearAsync),
            (Fastify, fastify, () => peerDatabase.ExecuteAsync("truncate peer_events")),
            (FastApi, fastApi, () => Task.CompletedTask), (Kestrel, kestrel, () => Task.CompletedTask),
        ];
        foreach (var (connections, bytes) in ((int, int)[])[(64, 1024), (256, 1024), (64, 8192), (256, 8192)])
        {
            List<Contestant> contestants = [];
            foreach (var (name, receiver, clear) in receivers.Where(each => each.Receiver is not null))
            {
                contestants.Add(await ContestantAsync(measurement, name, receiver!, database, clear, connections, bytes));
            }

            if ((connections, bytes) == (256, 1024))
            {
                contestants.Add(await ContestantAsync(measurement, "ours with OTLP", exporting, database,
                    exportingDatabase.ClearAsync, connections, bytes));
                contestants.Add(await ContestantAsync(
                    measurement, Quiet, quiet, database, quietDatabase.ClearAsync, connections, bytes));
                contestants.Add(new(Commits, () => CommitAsync(measurement, database, bytes)));
            }

            Report(
                measurement, await measurement.InTurnAsync(contestants), [.. contestants.Select(contestant => contestant.Name)],
                $"{connections} connections, {bytes / 1024} KiB", isTarget: (connections, bytes) == (256, 1024));
        }

        await DuplicatesAsync(measurement, ours, database);
    }

    private static void Report(Measurement measurement, Rates rates, string[] contestants, string part, bool isTarget)
    {
        measurement.Add(rates.Of(part, Ours));
        foreach (var (name, target) in ((string, double?)[])[(Before, null), (Fastify, 6), (FastApi, 40), (Kestrel, 0.5)])
        {
            if (contestants.Contains(name, StringComparer.Ordinal))
            {
                measurement.Add(rates.Compare(part, Ours, name, isTarget ? target : null));
            }
        }

        if (isTarget)
        {
            measurement.Add(rates.Compare(part, "ours with OTLP", Ours));
            measurement.Add(rates.Compare(part, Ours, Quiet));
            measurement.Add(rates.Of(part, Commits));
            if (measurement.WithPeers)
            {
                measurement.Add(rates.CompareToAll(part, Ours, Kestrel, Commits));
            }
        }
    }

    private static async Task<Contestant> ContestantAsync(
        Measurement measurement, string name, ChildProcess receiver, Database checkpoints, Func<Task> clear, int connections,
        int bytes)
    {
        var warm = await LoadGenerator.RunAsync(new(
            [receiver.Address], SignedRequests.Create(measurement.IsSmoke ? 2000 : 400_000, bytes), connections,
            measurement.Duration(10)));
        var expected = warm.AcceptedPerSecond;
        return new(name, async () =>
        {
            await clear();
            await checkpoints.CheckpointAsync();
            var duration = measurement.Duration(8);
            var requests = SignedRequests.Create((int)(expected * duration.TotalSeconds * Reserve) + 1000, bytes);
            var (before, ownBefore) = (receiver.ProcessorTime, Environment.CpuUsage.TotalTime);
            var answers = await LoadGenerator.RunAsync(new([receiver.Address], requests, connections, duration));
            Measurement.Say($"{name}, {connections} connections, {bytes} bytes: {answers.Latencies}, "
                + $"{Each(receiver.ProcessorTime - before, answers):0} µs of processor each and "
                + $"{Each(Environment.CpuUsage.TotalTime - ownBefore, answers):0.0} of the load generator's{Others(answers)}");
            expected = Math.Max(expected, answers.AcceptedPerSecond);
            return answers.AcceptedPerSecond;
        });
    }

    // What the Receiver commits, by the Receiver's own code, without HTTP, signatures or redaction.
    private static async Task<double> CommitAsync(Measurement measurement, Database database, int bytes)
    {
        await database.ClearAsync();
        await database.CheckpointAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var store = new IdempotentStore(source, Options.Create(new IntakeOptions()));
        var body = Encoding.UTF8.GetBytes(SignedRequests.Body("evt_0123456789", bytes));
        var (start, duration) = (TimeProvider.System.GetTimestamp(), measurement.Duration(8));
        var committed = 0;
        await Task.WhenAll(Enumerable.Range(0, Committers).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (TimeProvider.System.GetElapsedTime(start) < duration)
                {
                    store.Insert([.. Enumerable.Range(0, Batch).Select(_ => new IntakeItem(NewEvent(body)))]);
                    Interlocked.Add(ref committed, Batch);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        return committed / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    private static InboundEvent NewEvent(byte[] body)
    {
        var id = Guid.CreateVersion7();
        return new()
        {
            Id = id, Source = SignedRequests.Source, DeliveryId = id.ToString(), EventType = "invoice.paid",
            ReceivedAt = TimeProvider.System.GetUtcNow(), Headers = """{"content-type":"application/json"}""",
            ContentType = "application/json", Body = body,
        };
    }

    private static async Task DuplicatesAsync(Measurement measurement, ChildProcess receiver, Database database)
    {
        await database.ClearAsync();
        var requests = SignedRequests.Create(1000, 1024);
        await LoadGenerator.RunAsync(new([receiver.Address], requests, 64, TimeSpan.FromSeconds(10)));
        var rates = await measurement.InTurnAsync(new Contestant("duplicates", async () =>
        {
            var load = new Load([receiver.Address], requests, 64, measurement.Duration(8)) { Repeats = true };
            return (await LoadGenerator.RunAsync(load)).AcceptedPerSecond;
        }));
        measurement.Add(rates.Of("64 connections, 1 KiB", "duplicates"));
        measurement.Add(new("events that 1,000 delivery ids became",
            await database.ScalarAsync<long>("select count(*) from webhooks.inbound_events"), "", AtMost: 1000));
    }

    private static double Each(TimeSpan time, Answers answers) => time.TotalMicroseconds / Math.Max(answers.Count, 1);

    private static string Others(Answers answers)
    {
        var others = answers.ByStatus.Where(status => status.Key is < 200 or >= 300).Sum(status => status.Value);
        return others > 0 ? $", {others} not accepted" : "";
    }
}
