namespace Aspire.Webhooks.Bench.Parts;

/// <summary>What it costs that much has ended, or that much waits for a lane that takes no more.</summary>
internal static class GrowthPart
{
    private const string Empty = "empty";
    private const string Ended = "ended rows";
    private const string Held = "due rows in one held lane";

    private const string EndedSql = $$"""
        with event as (
            insert into webhooks.inbound_events (id, source, delivery_id, event_type, received_at, headers, content_type, body)
            select {{Database.NewId}}, $1, 'ended-' || number, 'invoice.paid', now() - interval '1 day', '{}', 'application/json',
                   '\x7b7d'
            from generate_series(1, $2) number
            returning id)
        insert into webhooks.jobs (kind, ref_id, lane, state, due_at, attempt, finished_at)
        select 'event', id, $1, 'done', now() - interval '1 day', 1, now() - interval '1 day' from event
        """;

    // The Worker counts the events of each minute for its series, two minutes later. To count a million that were filled in at
    // once takes 6 s, and would be measured with whatever runs then.
    private const string CountedSql =
        "update webhooks.series_marks set minutes = date_bin('1 minute', now() + interval '1 minute', timestamptz 'epoch')";

    public static Part Create() => new(
        "growth",
        "Accept, claim and drain with 5,000,000 ended rows, and with 1,000,000 due in one held lane, ÷ the same without.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        var ended = measurement.Events(5_000_000, inSmoke: 5000);
        var held = ended / 5;
        await using var empty = await (await stores.NewDatabaseAsync()).WithSchemaAsync();
        await using var full = await (await stores.NewDatabaseAsync()).WithSchemaAsync();
        await using var waiting = await (await stores.NewDatabaseAsync()).WithSchemaAsync();
        await full.ExecuteAsync(EndedSql, SignedRequests.Source, ended);
        await waiting.FillEventsAsync(held, Listeners.HeldSource);

        var (accept, claim, drain) = (new Rates(), new Rates(), new Rates());
        (string Name, Database Database)[] all = [(Empty, empty), (Ended, full), (Held, waiting)];
        foreach (var (_, database) in all)
        {
            await database.ExecuteAsync("vacuum (analyze) webhooks.inbound_events, webhooks.jobs");
            await database.ExecuteAsync(CountedSql);
        }

        // What was filled in is on the disk before anything is measured: otherwise writing it back is measured too.
        await empty.ExecuteAsync("checkpoint");

        for (var round = 0; round < measurement.Rounds; round++)
        {
            foreach (var (name, database) in all)
            {
                var (accepted, waited, drained) = await MeasureAsync(measurement, database);
                accept.Add(name, accepted);
                // The median can be 0: listeners can be faster than the answers.
                claim.Add(name, 1000 / Math.Max(waited, 0.001));
                drain.Add(name, drained);
                Measurement.Say($"round {round + 1}, {name}: {accepted:0}/s accepted, {waited:0.0} ms until the listener, "
                    + $"{drained:0}/s drained");
            }
        }

        foreach (var (name, count) in ((string, int)[])[(Ended, ended), (Held, held)])
        {
            measurement.Add(accept.Compare($"accept, {count:N0}", name, Empty, atLeast: 0.9));
            measurement.Add(claim.Compare($"claim (one event until the listener has it), {count:N0}", name, Empty, atLeast: 0.9));
            measurement.Add(drain.Compare($"drain, {count:N0}", name, Empty, atLeast: 0.9));
        }
    }

    // New processes each time: those of one database do nothing while another is measured.
    private static async Task<(double Accepted, double Waited, double Drained)> MeasureAsync(
        Measurement measurement, Database database)
    {
        var stores = measurement.Stores;
        var notes = Path.Combine(stores.Folder.FullName, $"heard-{Guid.CreateVersion7()}");
        await using var receiver = await Services.ReceiverAsync(stores, database);
        await AcceptAsync(receiver, measurement.Duration(5));
        await database.CheckpointAsync();
        var accepted = await AcceptAsync(receiver, measurement.Duration(8));
        await database.ExecuteAsync("delete from webhooks.jobs where finished_at is null and lane = $1", SignedRequests.Source);

        // The one place of the held lane is taken by what never ends.
        await using var worker = await Services.WorkerAsync(
            stores, database, Listeners.Noting + notes, telemetry: null, (Listeners.HeldConcurrency, "1"));
        await DrainPart.RateAsync(database, measurement.IsSmoke ? 100 : 20_000);
        var waited = await LatencyPart.MeasureAsync(receiver, database, notes, rate: 20, measurement.Duration(8));
        var drained = await DrainPart.RateAsync(database, measurement.IsSmoke ? 500 : 60_000);
        return (accepted, waited.At(0.5), drained);
    }

    private static async Task<double> AcceptAsync(ChildProcess receiver, TimeSpan duration) => (await LoadGenerator.RunAsync(
        new([receiver.Address], SignedRequests.Create((int)(duration.TotalSeconds * 40_000), 1024), 256, duration)))
        .AcceptedPerSecond;
}
