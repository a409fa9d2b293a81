using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>What the Sender signs, the Receiver's own sources verify: each takes it in once, as it was published.</summary>
public sealed class ReceiverSourceTests(TestStack stack)
{
    private const string Payload = """{ "type":"invoice.paid", "data":{"amount":4200} }""";

    [Theory]
    [InlineData("standard", "v1")]
    [InlineData("standard", "v1a")]
    [InlineData("provider", "v1")]
    public async Task A_delivery_is_verified_and_stored_under_its_messages_id(string source, string signature)
    {
        var secret = EndpointKeys.New(signature);
        var database = await stack.NewDatabaseAsync();
        var verifies = EndpointKeys.PublicKey(secret) ?? secret.Reveal();
        await using var receiver = await Services.ReceiverAsync(
            database, await stack.RedisAsync(), ($"WEBHOOK_SECRET_{source.ToUpperInvariant()}", verifies));
        await using var sender = await Services.SenderAsync(database, await stack.RedisAsync());
        var outbox = new Outbox(database);
        await outbox.AddEndpointAsync(new Uri(receiver.Address, $"/webhooks/{source}"), secret.Reveal());

        var id = await outbox.PublishAsync(Payload);
        Assert.Equal("done", (await outbox.FinishedJobAsync()).State);

        await using var db = Tables.Open(database);
        var stored = Assert.Single(db.InboundEvents);
        Assert.Equal(
            (source, id, "invoice.paid", Payload),
            (stored.Source, stored.DeliveryId, stored.EventType, System.Text.Encoding.UTF8.GetString(stored.Body!)));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1a")]
    public async Task A_delivery_that_somebody_elses_secret_signed_is_refused(string signature)
    {
        var database = await stack.NewDatabaseAsync();
        var verifies = EndpointKeys.PublicKey(EndpointKeys.New("v1a"))!;
        await using var receiver = await Services.ReceiverAsync(
            database, await stack.RedisAsync(), ("WEBHOOK_SECRET_STANDARD", verifies));
        await using var sender = await Services.SenderAsync(database, await stack.RedisAsync());
        var outbox = new Outbox(database);
        await outbox.AddEndpointAsync(new Uri(receiver.Address, "/webhooks/standard"), EndpointKeys.New(signature).Reveal());

        await outbox.PublishAsync(Payload);
        var attempt = (await outbox.AttemptsAsync(1))[0];

        Assert.Equal(("http_status", 401), (attempt.Outcome, attempt.StatusCode));
        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.inbound_events"));
    }
}
