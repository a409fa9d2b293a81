using System.Text;

namespace Aspire.Webhooks.Bench.Parts;

/// <summary>How many signed deliveries a second the Sender makes to a server on the same machine.</summary>
internal static class DeliverPart
{
    private const string Ours = "signed deliveries";
    private const string Bare = "a bare HttpClient loop";

    // As many places as the Sender has, 8 to an endpoint.
    private const int Places = 256;
    private const int Endpoints = 64;

    // As the publisher would have stored them.
    private const string FillSql = """
        with message as (
            insert into webhooks.messages (id, merchant_id, event_type, payload, content_type, idempotency_key, created_at)
            select 'msg_' || replace(webhooks.uuid_v7(now())::text, '-', ''), 'merchant-' || number % $2, 'invoice.paid', $3,
                   'application/json', $1::text || number, now()
            from generate_series(0, $4 - 1) number
            returning id, merchant_id),
        delivery as (
            insert into webhooks.deliveries (id, message_id, endpoint_id, created_at)
            select webhooks.uuid_v7(now()), message.id, endpoint.id, now()
            from message join webhooks.endpoints endpoint using (merchant_id)
            returning id, endpoint_id)
        insert into webhooks.jobs (kind, ref_id, lane) select 'delivery', id, endpoint_id::text from delivery
        """;

    public static Part Create() => new(
        "deliver",
        "Signed deliveries of 1 KiB, their attempts stored, to 64 endpoints on one local server; the bare one is 256 loops.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        await using var database = await stores.NewDatabaseAsync();
        await using var site = await MerchantSite.StartAsync();
        await using var sender = await Services.SenderAsync(stores, database);
        await Merchants.AddAsync(stores, database, [.. Enumerable.Repeat((site.CountedUrl, "healthy"), Endpoints)]);
        var messages = measurement.Events(30_000);
        await DeliverAsync(database, messages);

        var rates = await measurement.InTurnAsync(
            new Contestant(Ours, () => DeliverAsync(database, messages)),
            new Contestant(Bare, () => PostLoop.MeasureAsync(stores, site.CountedUrl, Places, measurement.Duration(5))));
        measurement.Add(rates.Of("deliver", Ours));
        measurement.Add(rates.Compare("deliver", Ours, Bare, atLeast: 0.6));
    }

    private static async Task<double> DeliverAsync(Database database, int messages)
    {
        await database.CheckpointAsync();
        var before = await database.LastJobAsync();
        var payload = Encoding.UTF8.GetBytes(SignedRequests.Body("msg_0123456789", 1024));
        await database.TransactAsync(
            (FillSql, [$"{before}-", Endpoints, payload, messages]),
            ("analyze webhooks.messages, webhooks.deliveries, webhooks.jobs", []));
        await database.DrainedAsync(before);
        return await database.SettledPerSecondAsync(before, "delivery");
    }
}
