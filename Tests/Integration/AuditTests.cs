using System.Net;
using System.Net.Http.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Integration.Sender.Endpoints;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>The classes that share the three services: their tests run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedServices : ICollectionFixture<AuditedServices>
{
    public const string Name = "Services";
}

/// <summary>The three services on one database.</summary>
public sealed class AuditedServices(TestStack stack) : IAsyncLifetime
{
    private ServiceHost<SourceCatalog>? _receiver;
    private ServiceHost<PlaybookCatalog>? _worker;
    private ServiceHost<DeliveryClient>? _sender;

    public string Database { get; private set; } = "";

    public HttpClient Receiver(string token) => _receiver!.NewClient().With(token);

    public HttpClient Worker(string token) => _worker!.NewClient().With(token);

    public HttpClient Sender(string token) => _sender!.NewClient().With(token);

    public async ValueTask InitializeAsync()
    {
        Database = $"{await stack.NewDatabaseAsync()};Maximum Pool Size=20";
        var redis = await stack.RedisAsync();
        _receiver = await Services.ReceiverAsync(
            Database, redis,
            ("Webhooks:Sources:topic:Scheme", "sns"),
            ("Webhooks:Sources:topic:Identity:0", "arn:aws:sns:eu-west-1:123456789012:orders"),
            ("Webhooks:Sources:public:Scheme", "discord"),
            ("WEBHOOK_SECRET_PUBLIC", "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff19"),
            ("Webhooks:Sources:expired:Scheme", "github"),
            ("Webhooks:Sources:expired:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
            ("Webhooks:Sources:expired:Secrets:0:ExpiresAt", "2026-01-01T00:00:00Z"),
            ("Webhooks:Sources:elsewhere:Scheme", "github"),
            ("Webhooks:Sources:elsewhere:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
            ("Webhooks:Sources:elsewhere:DeliveryId", "body:/meta/id"),
            ("Webhooks:Sources:elsewhere:EventType", "body:/meta/type"),
            ("Webhooks:Sources:no-id:Scheme", "github"),
            ("Webhooks:Sources:no-id:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
            ("Webhooks:Sources:no-id:DeliveryId", "query:id"));
        _worker = await Services.WorkerAsync(Database, redis);
        _sender = await Services.SenderAsync(Database, redis, ("Webhooks:Pings:PerMinute", "10000"),
            ("Webhooks:Links:Console", "https://console.example"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in (IAsyncDisposable?[])[_receiver, _worker, _sender])
        {
            if (service is not null)
            {
                await service.DisposeAsync();
            }
        }
    }
}

/// <summary>Who did what is in a table, written with the act, and is read by <c>GET /audit</c>.</summary>
[Collection(SharedServices.Name)]
public sealed class AuditTests(AuditedServices services)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replays_and_their_cancellation_are_entries()
    {
        var actor = NewActor();
        using var client = services.Receiver(Token(actor, "events:write"));
        var id = await Tables.AddEventAsync(
            services.Database, "{}", source: "audited", job: "state = 'done', finished_at = now()");

        await client.CallAsync($"/events/{id}/replay", new { reason = "It is mended." });
        var (_, replay) = await client.CallAsync(
            "/replays", new { filter = new { source = "audited" }, reason = "All of them." });
        var replayId = replay.GetProperty("id").GetString();
        await client.CallAsync($"/replays/{replayId}/cancel", new { });

        Assert.Equal(
            [
                ("cancel", "replay", replayId, null), ("replay", "replay", replayId, "All of them."),
                ("replay", "event", $"{id}", "It is mended."),
            ],
            await EntriesAsync(actor));
    }

    [Fact]
    public async Task Decisions_about_approvals_are_entries()
    {
        var actor = NewActor();
        using var client = services.Worker(Token(actor, "tasks:approve"));
        var (granted, refused) = (await ApprovalRows.AddAsync(services.Database), await ApprovalRows.AddAsync(services.Database));

        await client.CallAsync($"/approvals/{granted.Id}/grant", new { arguments_sha256 = granted.Hash });
        await client.CallAsync($"/approvals/{refused.Id}/refuse", new { arguments_sha256 = refused.Hash, reason = "Not today." });

        Assert.Equal(
            [("refuse", "approval", $"{refused.Id}", "Not today."), ("grant", "approval", $"{granted.Id}", null)],
            await EntriesAsync(actor));
    }

    [Fact]
    public async Task Changes_of_endpoints_and_redeliveries_are_entries()
    {
        var (actor, outbox) = (NewActor(), new Outbox(services.Database));
        await using var server = await MerchantServer.StartAsync();
        using var client = services.Sender(Token(actor, "webhooks:write", outbox.Merchant));
        using var administrator = services.Sender(Token(actor, "admin"));
        var id = (await client.CreateAsync(server.Url)).Id();
        await outbox.PublishAsync();
        var delivery = (await outbox.FinishedJobAsync()).RefId;

        await client.PatchAsync(id, new { description = "Changed." });
        await client.PostAsJsonAsync($"{EndpointApi.Path}/{id}/rotate-secret", new { }, Cancellation);
        await client.PostAsJsonAsync($"{EndpointApi.Path}/{id}/ping", new { }, Cancellation);
        await client.PostAsync($"/api/v1/deliveries/{delivery}/resend", content: null, Cancellation);
        await client.CallAsync($"{EndpointApi.Path}/{id}/recover", new { since = "2026-01-01T00:00:00Z" });
        await Sql.ExecuteAsync(services.Database, $"""
            update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = 'failures' where id = '{id}'
            """);
        await administrator.CallAsync($"{EndpointApi.Admin}/webhooks/{id}/reactivate", new { reason = "It answers." });
        await client.RemoveAsync(id);

        Assert.Equal(
            [
                ("delete", "endpoint", id, null), ("reactivate", "endpoint", id, "It answers."),
                ("recover", "endpoint", id, null), ("resend", "delivery", $"{delivery}", null),
                ("rotate_secret", "endpoint", id, null), ("change", "endpoint", id, null), ("create", "endpoint", id, null),
            ],
            await EntriesAsync(actor));
    }

    [Fact]
    public async Task A_portal_link_is_an_entry_without_its_token()
    {
        var actor = NewActor();
        using var client = services.Sender(Token(actor, "portal:write"));

        var (_, link) = await client.CallAsync("/api/v1/portal-links", new { merchant_id = "acme", expires_in_seconds = 60 });

        var until = link.GetProperty("expires_at").GetDateTimeOffset();
        Assert.Equal(
            [("create", "portal_link", "acme", $"It is valid until {until:yyyy-MM-ddTHH:mm:ssZ}.")], await EntriesAsync(actor));
    }

    [Fact]
    public async Task What_was_refused_or_not_there_is_no_entry()
    {
        var (actor, none) = (NewActor(), Guid.CreateVersion7());
        using var receiver = services.Receiver(Token(actor, "events:write events:erase"));
        using var worker = services.Worker(Token(actor, "tasks:approve events:erase"));
        using var sender = services.Sender(Token(actor, "webhooks:write admin events:erase", NewActor()));
        var expired = await ApprovalRows.AddAsync(services.Database, expiresIn: "-1 hour");

        await receiver.CallAsync($"/events/{none}/replay", new { reason = "why" });
        await receiver.CallAsync("/replays", new { filter = new { source = "nobody" }, dry_run = true });
        await receiver.CallAsync($"/replays/{none}/cancel", new { });
        await receiver.CallAsync("/sources/nobody/pause", new { reason = "why" });
        await receiver.CallAsync("/sources/github/resume", new { reason = "why" });
        await receiver.CallAsync("/sources/topic/test-events", new { });
        await receiver.CallAsync("/sources/no-id/test-events", new { });
        await receiver.DeleteAsync($"/events/{none}/content", Cancellation);
        await worker.DeleteAsync($"/tasks/{none}/content", Cancellation);
        await worker.CallAsync($"/approvals/{expired.Id}/grant", new { arguments_sha256 = expired.Hash });
        await sender.DeleteAsync($"/api/v1/messages/{none}/content", Cancellation);
        await sender.CallAsync(EndpointApi.Path, new { url = "https://10.0.0.1/" });
        await sender.RemoveAsync($"{none}");
        await sender.CallAsync($"{EndpointApi.Path}/{none}/rotate-secret", new { });
        await sender.CallAsync($"{EndpointApi.Path}/{none}/recover", new { since = "2026-01-01T00:00:00Z" });
        await sender.CallAsync($"{EndpointApi.Admin}/webhooks/{none}/reactivate", new { reason = "why" });
        await sender.PostAsync($"/api/v1/deliveries/{none}/resend", content: null, Cancellation);

        Assert.Empty(await EntriesAsync(actor));
    }

    [Fact]
    public async Task An_entry_has_its_time_and_the_trace_of_the_request_and_no_credential()
    {
        var secret = Canaries.All["GitHub"];
        using var client = services.Receiver(Token($"who-{secret}", "events:write"));
        var id = await Tables.AddEventAsync(services.Database, "{}");

        await client.CallAsync($"/events/{id}/replay", new { reason = $"Sent with {secret}." });

        using var reader = services.Receiver(Token("auditor", "audit:read"));
        var entry = (await reader.OkAsync($"/audit?object_id={id}")).GetProperty("data").EnumerateArray().Single();
        Assert.DoesNotContain(secret, entry.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("***redacted***", entry.Text("actor"), StringComparison.Ordinal);
        Assert.Contains("***redacted***", entry.Text("reason"), StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32}$", entry.Text("trace_id"));
        Assert.InRange(entry.GetProperty("at").GetDateTimeOffset(), DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task The_list_is_filtered_and_paged()
    {
        var actor = NewActor();
        using var client = services.Receiver(Token(actor, "events:write"));
        using var reader = services.Receiver(Token("auditor", "audit:read"));
        var ids = new List<Guid>();
        for (var n = 0; n < 3; n++)
        {
            ids.Add(await Tables.AddEventAsync(services.Database, "{}"));
            await client.CallAsync($"/events/{ids[n]}/replay", new { reason = "why" });
        }

        var first = await reader.OkAsync($"/audit?actor={actor}&action=replay&object_kind=event&limit=2");
        var second = await reader.OkAsync($"/audit?actor={actor}&limit=2&cursor={first.Cursor()}");

        Assert.Equal([$"{ids[2]}", $"{ids[1]}"], first.Values("object_id"), StringComparer.Ordinal);
        Assert.Equal([$"{ids[0]}"], second.Values("object_id"), StringComparer.Ordinal);
        Assert.Null(second.Cursor());
        Assert.Empty((await reader.OkAsync($"/audit?actor={actor}&action=grant")).Values("id"));
        Assert.Empty((await reader.OkAsync($"/audit?actor={actor}&until=2026-01-01T00:00:00Z")).Values("id"));
        Assert.Equal(3, (await reader.OkAsync($"/audit?actor={actor}&since=2026-01-01T00:00:00Z")).Values("id").Count);
        var (status, problem) = await reader.CallAsync("/audit?action=look&object_kind=thing&since=x&limit=0");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["action", "limit", "object_kind", "since"], problem.Fields(), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("audit:read", HttpStatusCode.OK)]
    [InlineData("events:write tasks:approve admin events:erase", HttpStatusCode.Forbidden)]
    public async Task The_audit_has_a_scope_of_its_own(string scope, HttpStatusCode expected)
    {
        using var client = services.Receiver(Token("somebody", scope));

        Assert.Equal(expected, (await client.CallAsync("/audit")).Status);
    }

    internal static string NewActor() => $"actor-{Guid.CreateVersion7():N}";

    internal static string Token(string actor, string scope, string? merchant = null) =>
        OperatorToken.Create(OperatorToken.Scope(scope), subject: actor, merchant: merchant);

    private Task<List<(string?, string?, string?, string?)>> EntriesAsync(string actor) => EntriesAsync(services, actor);

    internal static async Task<List<(string?, string?, string?, string?)>> EntriesAsync(AuditedServices services, string actor)
    {
        using var reader = services.Receiver(Token("auditor", "audit:read"));
        return
        [
            .. (await reader.OkAsync($"/audit?actor={actor}")).GetProperty("data").EnumerateArray()
                .Select(entry =>
                    (entry.Text("action"), entry.Text("object_kind"), entry.Text("object_id"), entry.Text("reason"))),
        ];
    }
}
