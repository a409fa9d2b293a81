using System.Net;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Chaos;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary><c>webhook.requests</c>, told from those of other tests by a source of this one's.</summary>
public sealed class ReceiveMetricsTests(TestStack stack)
{
    private readonly string _source = $"metered-{Guid.CreateVersion7():N}"[..30];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_request_is_counted_once_by_its_source_and_what_became_of_it()
    {
        using var measured = new Measurements();
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), Settings);
        using var client = receiver.NewClient();

        await PostAsync(client, HttpStatusCode.Accepted, Request("event"));
        await PostAsync(client, HttpStatusCode.OK, Request("event"));
        await PostAsync(client, HttpStatusCode.OK, Request("event"));
        await PostAsync(client, HttpStatusCode.OK, Request("hello").With("X-GitHub-Event", "ping"));
        await PostAsync(client, HttpStatusCode.Unauthorized, Request("forged", secret: "another"));
        await PostAsync(client, HttpStatusCode.Unauthorized, Request("unsigned").With("X-Hub-Signature-256", ""));
        await PostAsync(client, HttpStatusCode.RequestEntityTooLarge, Request("large", new string('x', 2000)));
        await PostAsync(client, HttpStatusCode.BadRequest, Request("no-json", "{"));
        await PostAsync(client, HttpStatusCode.NotFound, SignedRequest.GitHub(Delivery.Body, path: $"/webhooks/not-{_source}"));

        Assert.Equal(
            [
                ("body_too_large", 1), ("created", 1), ("duplicate", 2), ("handshake", 1), ("invalid_body", 1),
                ("invalid_signature", 2),
            ],
            Counted(measured));
        Assert.Contains(
            measured.All("webhook.requests"),
            one => one.Has("source", "unknown") && one.Has("result", "unknown_source"));
    }

    [Fact]
    public async Task Requests_above_the_limit_are_counted_apart()
    {
        using var measured = new Measurements();
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(),
            [.. Settings, ($"Webhooks:Sources:{_source}:RateLimit:PerSecond", "1")]);
        using var client = receiver.NewClient();

        var answers = await client.PostAllAsync(Enumerable.Range(0, 20).Select(number => Request($"{number}")));

        var limited = answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests);
        Assert.InRange(limited, 1, 19);
        Assert.Equal([("created", 20 - limited), ("rate_limited", limited)], Counted(measured));
    }

    [Fact]
    public async Task A_request_whose_sender_has_gone_and_one_that_cannot_be_stored_are_counted_too()
    {
        using var measured = new Measurements();
        var database = await stack.NewDatabaseAsync();
        await using var relay = new Relay(new NpgsqlConnectionStringBuilder(database).Port);
        await using var receiver = await Services.ReceiverAsync(
            Services.ThroughPort(database, relay.Port), await stack.RedisAsync(),
            [("Webhooks:Intake:Writers", "1"), .. Settings]);
        using var client = receiver.NewClient();
        var queue = receiver.Services.GetRequiredService<IntakeQueue>();
        await using (var held = await HeldLock.TakeAsync(database, "lock table webhooks.inbound_events in exclusive mode"))
        {
            var first = client.PostAsync(Request("first"));
            await held.HoldsAsync(1);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var leaving = client.SendAsync(Request("gone"), patience.Token);
            await Eventually.HoldsAsync("it waits", () => Task.FromResult(queue.Waiting == 1));
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
            await Eventually.HoldsAsync("it has left the line", () => Task.FromResult(queue.Waiting == 0));
            await held.ReleaseAsync();
            Assert.Equal(HttpStatusCode.Accepted, (await first).Status);
        }

        relay.Cut();
        await PostAsync(client, HttpStatusCode.ServiceUnavailable, Request("busy"));

        await Eventually.HoldsAsync("all are counted", () => Task.FromResult(Counted(measured).Count == 3));
        Assert.Equal([("busy", 1), ("created", 1), ("gone", 1)], Counted(measured));
    }

    private (string Key, string Value)[] Settings =>
    [
        ($"Webhooks:Sources:{_source}:Scheme", "github"),
        ($"Webhooks:Sources:{_source}:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
        ($"Webhooks:Sources:{_source}:MaxBodyBytes", "1000"),
    ];

    private HttpRequestMessage Request(string id, string body = Delivery.Body, string secret = Services.GitHubSecret) =>
        SignedRequest.GitHub(body, id, secret: secret, path: $"/webhooks/{_source}");

    private static async Task PostAsync(HttpClient client, HttpStatusCode status, HttpRequestMessage request) =>
        Assert.Equal(status, (await client.PostAsync(request)).Status);

    private List<(string Result, int Count)> Counted(Measurements measured) =>
    [
        .. measured.All("webhook.requests").Where(one => one.Has("source", _source) && one.Value == 1)
            .CountBy(one => (string)one.Tags["result"]!).Select(each => (each.Key, each.Value))
            .OrderBy(each => each.Key, StringComparer.Ordinal),
    ];
}
