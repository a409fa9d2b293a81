using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>deploy/postgres/roles.sql: each service can do its work, and no more.</summary>
public sealed class RoleTests(TestStack stack)
{
    private static readonly (string Service, string Sql)[] Forbidden =
    [
        ("receiver", "select from webhooks.endpoint_secrets"),
        ("receiver", "select from webhooks.data_protection_keys"),
        ("receiver", "insert into webhooks.messages select from webhooks.messages"),
        ("receiver", "update webhooks.inbound_events set source = ''"),
        ("receiver", "update webhooks.messages set merchant_id = ''"),
        ("receiver", "delete from webhooks.inbound_events"),
        ("receiver", "delete from webhooks.audit"),
        ("receiver", "delete from webhooks.series"),
        ("worker", "select from webhooks.endpoint_secrets"),
        ("worker", "select from webhooks.data_protection_keys"),
        ("worker", "update webhooks.inbound_events set source = ''"),
        ("worker", "update webhooks.messages set merchant_id = ''"),
        ("worker", "update webhooks.audit set actor = ''"),
        ("worker", "delete from webhooks.rejected_requests"),
        ("worker", "update webhooks.ledger set home = null"),
        ("worker", "insert into webhooks.inbound_events select from webhooks.inbound_events"),
        ("worker", "update webhooks.series set count = 1"),
        ("sender", "update webhooks.series_marks set minutes = now()"),
        ("sender", "select from webhooks.inbound_events"),
        ("sender", "select from webhooks.agent_steps"),
        ("sender", "select from webhooks.audit"),
        ("sender", "update webhooks.messages set merchant_id = ''"),
        ("sender", "delete from webhooks.messages"),
        ("sender", "update webhooks.ledger set id = gen_random_uuid()"),
        ("receiver", "create table webhooks.own ()"),
        ("sender", "truncate webhooks.messages cascade"),
        ("sender", "drop table webhooks.jobs"),
    ];

    private readonly List<ServiceProcess> _services = [];

    [Fact]
    public async Task With_a_role_of_its_own_each_service_does_its_work()
    {
        var database = await PreparedAsync();
        await using var merchant = await MerchantServer.StartAsync();
        await AddOldEventAsync(database);
        using var receiver = await StartAsync(ServiceProcess.Receiver, database, "receiver");
        using var worker = await StartAsync(ServiceProcess.Worker, database, "worker");
        using var sender = await StartAsync(ServiceProcess.Sender, database, "sender");
        var endpoints = sender.With(OperatorToken.Of("demo", "webhooks:write messages:write"));

        await OldEventIsDeletedAsync(database);

        // A merchant's endpoint, an event that becomes a message for it, and everything that shows what happened.
        var endpoint = (await PostAsync(endpoints, "/api/v1/webhooks", new { url = merchant.Url })).GetProperty("id").GetString();
        await merchant.NextAsync();
        using var accepted = await receiver.SendAsync(
            SignedRequest.GitHub("""{"ref":"refs/heads/main"}"""), TestContext.Current.CancellationToken);
        using var refused = await receiver.SendAsync(
            SignedRequest.GitHub("{}", secret: "another"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Unauthorized), (accepted.StatusCode, refused.StatusCode));
        await merchant.NextAsync();
        var operators = receiver.With(OperatorToken.Write);
        var id = (await operators.OkAsync("/events")).Values("id").Single();
        await OkAsync(
            operators, $"/events/{id}", "/replays", "/rejections", "/messages", "/stats", "/series?name=received",
            "/series?name=rejected");
        await Eventually.HoldsAsync(
            "the rejection is stored", async () => (await operators.OkAsync("/rejections")).Values("source").Count == 1);
        var replay = (await PostAsync(operators, $"/events/{id}/replay", new { reason = "test" })).GetProperty("id").GetString();
        await merchant.NextAsync();
        await PostAsync(operators, $"/replays/{replay}/cancel", new { });
        var tasks = worker.With(OperatorToken.Read);
        var task = (await tasks.OkAsync("/tasks")).Values("id")[0];
        await OkAsync(tasks, $"/tasks/{task}", "/playbooks", "/queue", "/series?name=processed");
        await OkAsync(worker.With(OperatorToken.Approve), "/approvals");

        // What a merchant and an administrator do.
        var message = (await PostAsync(
            endpoints, "/api/v1/messages", new { event_type = "invoice.paid", payload = new { } })).GetProperty("id").GetString();
        await merchant.NextAsync();
        var delivery = (await endpoints.OkAsync("/api/v1/deliveries")).Values("id")[0];
        await PostAsync(endpoints, $"/api/v1/deliveries/{delivery}/resend", new { });
        await merchant.NextAsync();
        await PostAsync(endpoints, $"/api/v1/webhooks/{endpoint}/recover", new { since = "2026-01-01T00:00:00Z" });
        await PostAsync(endpoints, $"/api/v1/webhooks/{endpoint}/rotate-secret", new { overlap_seconds = 0 });
        await PostAsync(endpoints, $"/api/v1/webhooks/{endpoint}/ping", new { });
        await OkAsync(endpoints, "/api/v1/webhooks", $"/api/v1/deliveries/{delivery}", $"/api/v1/messages/{message}");
        await DeleteAsync(endpoints, $"/api/v1/webhooks/{endpoint}");
        await OkAsync(
            sender.With(OperatorToken.Create(OperatorToken.Scope("admin"))), "/api/v1/admin/stats", "/api/v1/admin/webhooks",
            "/api/v1/admin/restore", $"/api/v1/admin/series?name=delivered&endpoint_id={endpoint}");

        await EraseAsync((sender, $"/api/v1/messages/{message}"), (worker, $"/tasks/{task}"), (receiver, $"/events/{id}"));
        await OkAsync(receiver.With(OperatorToken.Create(OperatorToken.Scope("audit:read"))), "/audit");

        await EndAsync();
    }

    [Fact]
    public async Task A_service_can_do_no_more()
    {
        var database = await PreparedAsync();
        foreach (var (service, sql) in Forbidden)
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Sql.ExecuteAsync(LoginOf(database, service), sql));

            Assert.True(refused.SqlState == PostgresErrorCodes.InsufficientPrivilege, $"{service}: {sql}: {refused.Message}");
        }
    }

    private async Task EndAsync()
    {
        foreach (var service in _services)
        {
            Assert.DoesNotContain("permission denied", service.Output, StringComparison.Ordinal);
            await service.DisposeAsync();
        }
    }

    private static async Task DeleteAsync(HttpClient client, string path)
    {
        using var deleted = await client.DeleteAsync(path, TestContext.Current.CancellationToken);
        Assert.True(deleted.IsSuccessStatusCode, $"{deleted.StatusCode}");
    }

    private static Task OldEventIsDeletedAsync(string database) => Eventually.HoldsAsync(
        "the old event is deleted", async () => await Sql.CountAsync(database, "webhooks.inbound_events") == 0);

    private static Task<Guid> AddOldEventAsync(string database) => Tables.AddEventAsync(
        database, "{}", receivedAt: TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(100),
        job: "state = 'done', finished_at = now()");

    private static string LoginOf(string database, string service) => new NpgsqlConnectionStringBuilder(database)
    {
        Username = $"{service}_of_{new NpgsqlConnectionStringBuilder(database).Database}", Password = "login",
    }.ConnectionString;

    private async Task<string> PreparedAsync()
    {
        var database = await stack.NewDatabaseAsync();
        var roles = await File.ReadAllTextAsync(
            Path.Combine(Repository.Folder, "deploy", "postgres", "roles.sql"), TestContext.Current.CancellationToken);
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await Sql.ExecuteAsync(database, $"""
            {roles}
            create role receiver_of_{name} login password 'login' in role webhooks_receiver;
            create role worker_of_{name} login password 'login' in role webhooks_worker;
            create role sender_of_{name} login password 'login' in role webhooks_sender;
            """);
        return database;
    }

    private async Task<HttpClient> StartAsync(
        Func<string, string, (string Key, string Value)[], ServiceProcess> start, string database, string service)
    {
        var settings = Services.Settings("", "").Where(setting => !setting.Key.StartsWith("Connection", StringComparison.Ordinal))
            .Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value));
        var process = start(
            LoginOf(database, service), await stack.RedisAsync(), [.. settings, ("Webhooks__Storage__Migrate", "Never")]);
        _services.Add(process);
        var client = new HttpClient { BaseAddress = await process.AddressAsync() };
        await Eventually.HoldsAsync($"the {service} is ready", async () =>
        {
            using var answer = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        });
        return client;
    }

    private static async Task OkAsync(HttpClient client, params string[] paths)
    {
        foreach (var path in paths)
        {
            await client.OkAsync(path);
        }
    }

    // A job that is running refuses it.
    private static async Task EraseAsync(params (HttpClient Client, string Path)[] all)
    {
        foreach (var (client, path) in all)
        {
            var eraser = client.With(OperatorToken.Create(OperatorToken.Scope("events:erase")));
            await Eventually.HoldsAsync(path, async () =>
            {
                using var answer = await eraser.DeleteAsync($"{path}/content", TestContext.Current.CancellationToken);
                Assert.True(
                    answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.Conflict, $"{path}: {answer.StatusCode}");
                return answer.StatusCode == HttpStatusCode.NoContent;
            });
        }
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path} is answered {answer.StatusCode}: {text}");
        return text.Length > 0 ? JsonElement.Parse(text) : default;
    }
}
