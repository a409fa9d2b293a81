namespace Aspire.Webhooks.Bench.Parts;

/// <summary>How many queued events a second the Worker works off.</summary>
internal static class DrainPart
{
    private const string NoListener = "no listener";
    private const string NoOp = "no-op listener";
    private const string Row = "listener with a row of its own";

    public static Part Create() =>
        new("drain", "Queued events of 1 KiB settled per second, from the first settlement to the last.", RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        var events = measurement.Events(50_000);
        await using var sink = await TelemetrySink.StartAsync();
        await using var graphile = await stores.NewDatabaseAsync();
        await using var boss = await stores.NewDatabaseAsync();
        (string Name, string? Listener, Uri? Telemetry)[] ours =
        [
            (NoListener, null, null), (NoOp, Listeners.NoOp, null), ($"{NoOp} with OTLP", Listeners.NoOp, sink.Address),
            (Row, Listeners.Row, null),
        ];
        List<Contestant> contestants = [.. ours.Select(each =>
            new Contestant(each.Name, () => DrainAsync(stores, each.Listener, each.Telemetry, events)))];
        if (measurement.WithPeers && Peers.HasNode)
        {
            contestants.Add(new(Peers.GraphileWorker, () => Peers.DrainAsync(stores, graphile, Peers.GraphileWorker, events)));
            contestants.Add(new(Peers.PgBoss, () => Peers.DrainAsync(stores, boss, Peers.PgBoss, events)));
        }

        var rates = await measurement.InTurnAsync(contestants);
        foreach (var contestant in contestants)
        {
            measurement.Add(rates.Of("drain", contestant.Name));
        }

        measurement.Add(rates.Compare("drain", $"{NoOp} with OTLP", NoOp));
        if (contestants.Count > ours.Length)
        {
            measurement.Add(rates.Compare("drain", NoOp, Peers.GraphileWorker, atLeast: 1.5));
            measurement.Add(rates.Compare("drain", NoOp, Peers.PgBoss, atLeast: 4));
        }
    }

    // A process and a database of its own each time, as the peers have, and half as many to warm up: compilers are at work for
    // seconds.
    private static async Task<double> DrainAsync(Stores stores, string? listener, Uri? telemetry, int events)
    {
        await using var database = await stores.NewDatabaseAsync();
        await database.ExecuteAsync(Listeners.RowTableSql);
        await using var worker = await Services.WorkerAsync(stores, database, listener, telemetry);
        await database.DrainedAsync(await database.FillEventsAsync(Math.Max(events / 2, 1)));
        return await RateAsync(database, events);
    }

    /// <summary>Queues as many, all at once, and measures how fast the Worker that runs already settles them.</summary>
    public static async Task<double> RateAsync(Database database, int events)
    {
        await database.CheckpointAsync();
        var before = await database.FillEventsAsync(events);
        await database.DrainedAsync(before);
        return await database.SettledPerSecondAsync(before);
    }
}
