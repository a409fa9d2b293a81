using System.Text.Json;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>Stripe's own library signs a payment_intent.succeeded, our Receiver verifies.</summary>
[Collection(nameof(InteropReceiver))]
public sealed class StripeTests(InteropReceiver receiver)
{
    [Fact]
    public async Task An_event_that_stripe_signed_is_accepted_once_under_its_own_id_and_type()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var id = $"evt_{Guid.CreateVersion7():N}";

        var first = await SendAsync(InteropReceiver.StripeSecret, id);
        var second = await SendAsync(InteropReceiver.StripeSecret, id);

        Assert.Equal((202, 200), (first, second));
        var stored = await receiver.EventAsync("stripe", id);
        Assert.Equal("payment_intent.succeeded", stored!.EventType);
        Assert.Equal(
            2099, JsonElement.Parse(stored.Body).GetProperty("data").GetProperty("object").GetProperty("amount_received")
                .GetInt32());
    }

    [Theory]
    [InlineData("whsec_unknown " + InteropReceiver.StripeSecret)]
    [InlineData(InteropReceiver.StripeSecret + " whsec_unknown")]
    [InlineData(InteropReceiver.OldStripeSecret)]
    public async Task While_a_secret_is_rolled_one_known_signature_is_enough(string secrets)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);

        Assert.Equal(202, await SendAsync(secrets, $"evt_{Guid.CreateVersion7():N}"));
    }

    [Theory]
    [InlineData("whsec_unknown", "0")]
    [InlineData("whsec_unknown whsec_unknown_too", "0")]
    [InlineData(InteropReceiver.StripeSecret, "330")]
    [InlineData(InteropReceiver.StripeSecret, "-330")]
    public async Task A_wrong_secret_or_a_time_beyond_five_minutes_is_refused(string secrets, string secondsAgo)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var id = $"evt_{Guid.CreateVersion7():N}";

        Assert.Equal(401, await SendAsync(secrets, id, secondsAgo));
        Assert.Null(await receiver.EventAsync("stripe", id));
    }

    private async Task<int> SendAsync(string secrets, string id, string secondsAgo = "0") =>
        (await receiver.RunAsync("stripe-client.mjs", "stripe", "WEBHOOK_SECRET_STRIPE", secrets, id, secondsAgo))
            .GetProperty("status").GetInt32();
}
