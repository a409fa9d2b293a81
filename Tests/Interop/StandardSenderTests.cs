using System.Text;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>The libraries of Standard Webhooks and of Svix sign, each under its own headers, our Receiver verifies.</summary>
[Collection(nameof(InteropReceiver))]
public sealed class StandardSenderTests(InteropReceiver receiver)
{
    private const string Body = """{"type":"invoice.paid","timestamp":"2026-11-22T12:00:00Z","data":{"name":"Käsekuchen 🍰"}}""";

    [Theory]
    [InlineData("webhook")]
    [InlineData("svix")]
    public async Task A_message_is_accepted_once_under_its_own_id_and_type(string prefix)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var id = $"msg_{Guid.CreateVersion7():N}";

        Assert.Equal(202, await SendAsync(prefix, id));
        Assert.Equal(200, await SendAsync(prefix, id));

        var stored = await receiver.EventAsync("standard", id);
        Assert.Equal(("invoice.paid", Body), (stored!.EventType, Encoding.UTF8.GetString(stored.Body!)));
    }

    [Theory]
    [InlineData("webhook", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "0")]
    [InlineData("svix", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "0")]
    [InlineData("webhook", Services.StandardSecret, "330")]
    [InlineData("svix", Services.StandardSecret, "-330")]
    public async Task A_wrong_secret_or_a_time_beyond_five_minutes_is_refused(string prefix, string secret, string secondsAgo)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var id = $"msg_{Guid.CreateVersion7():N}";

        Assert.Equal(401, await SendAsync(prefix, id, secret, secondsAgo));
        Assert.Null(await receiver.EventAsync("standard", id));
    }

    private async Task<int> SendAsync(
        string prefix, string id, string secret = Services.StandardSecret, string secondsAgo = "0") =>
        (await receiver.RunAsync(
            "standard-client.mjs", "standard", "WEBHOOK_SECRET_STANDARD", secret, prefix, id, Body, secondsAgo))
                .GetProperty("status").GetInt32();
}
