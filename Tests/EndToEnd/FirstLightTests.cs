using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.Testing;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Tests.Interop;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>
/// Through the AppHost, with real clients at both ends: GitHub's own library signs, Standard Webhooks' verifies.
/// </summary>
public sealed class FirstLightTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("push")]
    [InlineData("issues")]
    public async Task A_real_GitHub_event_ends_as_a_delivery_that_a_real_receiver_verifies_all_in_one_trace(string type)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var secret = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(24))}";
        await using var merchant = await NodeServer.StartAsync(
            "standard-server.mjs", Environment("WEBHOOK_SECRET_STANDARD", secret), Cancellation);
        await Tables.AddEndpointAsync(await stack.DatabaseAsync(), "demo", merchant.Uri, secret);
        using var receiver = (await stack.ApplicationAsync()).CreateHttpClient("receiver", "http");
        var delivery = Guid.CreateVersion7().ToString();

        var sent = await Node.RunAsync(
            "github-client.mjs",
            [new Uri(receiver.BaseAddress!, "/webhooks/github").AbsoluteUri, type, "0", delivery],
            Environment("WEBHOOK_SECRET_GITHUB", RunningApp.Secrets["WEBHOOK_SECRET_GITHUB"]),
            Cancellation);
        Assert.Equal(202, sent.GetProperty("status").GetInt32());

        var done = await ReceiverEvents.WaitAsync(
            receiver, "the delivery is made", e => e.DeliveryId == delivery && IsDeliveredTo(merchant.Uri, e));
        var task = Assert.Single(done.Tasks);
        var message = Assert.Single(task.Messages);
        Assert.Equal(("processed", "completed", done.TraceId), (done.State, task.State, task.TraceId));
        Assert.NotEmpty(task.Result!.Value.GetProperty("summary").GetString()!);

        var received = await ReceiveAsync(merchant, message.Id);
        Assert.True(received.GetProperty("verified").GetBoolean());
        Assert.Contains(
            done.TraceId!, received.GetProperty("headers").GetProperty("traceparent").GetString(), StringComparison.Ordinal);

        var loopback = await ReceiverEvents.WaitAsync(
            receiver, "the message came back and was processed", e => e.DeliveryId == message.Id && e.State == "processed");
        Assert.Equal(("standard", "task.completed", done.TraceId), (loopback.Source, loopback.EventType, loopback.TraceId));
    }

    [Fact]
    public async Task One_changed_byte_is_401_and_leaves_no_row_and_the_same_body_twice_runs_once()
    {
        const string Body = """{"ref":"refs/heads/main","commits":[],"note":"a"}""";
        using var receiver = (await stack.ApplicationAsync()).CreateHttpClient("receiver", "http");
        var delivery = Guid.CreateVersion7().ToString();

        using var forged = Signed(Body, delivery);
        forged.Content = new StringContent(
            Body.Replace("\"a\"", "\"b\"", StringComparison.Ordinal), Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(receiver, forged));
        Assert.Equal(0, await EventsAsync(delivery));

        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(receiver, Signed(Body, delivery)));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(receiver, Signed(Body, delivery)));

        var done = await ReceiverEvents.WaitAsync(
            receiver, "the event is processed", e => e.DeliveryId == delivery && e.State == "processed");
        Assert.Equal(1, done.Attempts);
        Assert.Equal(1, await EventsAsync(delivery));
    }

    [Fact]
    public async Task Every_service_says_that_it_is_alive_and_ready()
    {
        var application = await stack.ApplicationAsync();
        foreach (var service in new[] { "receiver", "worker", "sender" })
        {
            using var client = application.CreateHttpClient(service, "http");
            Assert.Equal("""{"status":"alive"}""", await client.GetStringAsync("/health/live", Cancellation));
            Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync("/health/ready", Cancellation));
            Assert.Equal("Healthy", await client.GetStringAsync("/alive", Cancellation));
            Assert.Equal("Healthy", await client.GetStringAsync("/health", Cancellation));
        }
    }

    private static bool IsDeliveredTo(Uri endpoint, EventView view) =>
        view.Tasks is [{ Messages: [{ Deliveries: var deliveries }] }]
        && deliveries.Any(d => d.Url == endpoint.AbsoluteUri && d.State == "delivered");

    private static HttpRequestMessage Signed(string body, string delivery) =>
        SignedRequest.GitHub(body, delivery, secret: RunningApp.Secrets["WEBHOOK_SECRET_GITHUB"]);

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        using var answer = await client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }

    private async Task<long> EventsAsync(string delivery) =>
        await Sql.CountAsync(await stack.DatabaseAsync(), $"webhooks.inbound_events where delivery_id = '{delivery}'");

    // Other tests' events reach this merchant too.
    private static async Task<JsonElement> ReceiveAsync(NodeServer merchant, string messageId)
    {
        while (true)
        {
            var received = await merchant.Received.ReadAsync(Cancellation);
            if (received.GetProperty("headers").GetProperty("webhook-id").GetString() == messageId)
            {
                return received;
            }
        }
    }

    private static Dictionary<string, string> Environment(string name, string value) =>
        new(StringComparer.Ordinal) { [name] = value };
}
