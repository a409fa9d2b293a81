using System.Net;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>A dump that is taken under load is restored to a stack that goes on where it was.</summary>
public sealed class RestoreTests(TestStack stack) : IDisposable
{
    private const string Path = "/api/v1/admin/restore";

    private readonly string _file = System.IO.Path.GetTempFileName();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_dump_under_load_is_restored_to_a_stack_that_goes_on_and_repeats_deliveries_only_when_told_to()
    {
        Assert.SkipUnless(Dump.IsInstalled, "pg_dump is not installed.");
        var redis = await stack.RedisAsync();
        var (first, second) = (await NewDatabaseAsync(), Limited(await stack.NewEmptyDatabaseAsync()));
        await using var merchant = await MerchantServer.StartAsync();
        string lost;
        await using (var running = await RunningStack.StartAsync(first, redis))
        {
            await Tables.AddEndpointAsync(first, "acme", merchant.Url);
            using var stop = new CancellationTokenSource();
            var load = LoadAsync(running.Receiver, stop.Token);
            await Eventually.HoldsAsync("messages are delivered", () => Task.FromResult(merchant.All.Count > 20));

            await Dump.TakeAsync(first, _file);

            var atDump = merchant.All.Count;
            await Eventually.HoldsAsync("more are delivered", () => Task.FromResult(merchant.All.Count > atDump + 20));
            await stop.CancelAsync();
            await load;
            lost = await RememberedAsync(running.Receiver);
        }

        await Dump.RestoreAsync(_file, second);
        var open = await Sql.CountAsync(second, "webhooks.jobs where kind = 'delivery' and finished_at is null");
        var kept = await Sql.ScalarAsync<string>(second, "select delivery_id from webhooks.inbound_events order by id limit 1");
        var sent = merchant.All.Count;
        var log = new RecordedLog();
        await using var restored = await RunningStack.StartAsync(second, redis, log);

        // Redis remembers an event that the dump does not have.
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(restored.Receiver, lost));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(restored.Receiver, kept!));

        // The Worker goes on, and what it makes waits with the others.
        await Eventually.HoldsAsync("the Worker has nothing left", async () =>
            await Sql.CountAsync(second, "webhooks.jobs where kind <> 'delivery' and finished_at is null") == 0);
        using var administrator = restored.Sender.NewClient().With(OperatorToken.Create(OperatorToken.Scope("admin")));
        var all = await Sql.CountAsync(second, "webhooks.jobs where kind = 'delivery' and finished_at is null");
        var view = await administrator.OkAsync(Path);
        Assert.Equal((true, all), (view.GetProperty("paused").GetBoolean(), view.GetProperty("deliveries").GetInt64()));
        Assert.Contains($"{open} open deliveries wait", Assert.Single(log.Of(4401)).Text, StringComparison.Ordinal);
        Assert.True(all > open, $"{all} of which {open} are from the dump");
        Assert.Equal(sent, merchant.All.Count);

        var (status, resumed) = await administrator.CallAsync($"{Path}/resume", new { reason = "The merchants know." });

        Assert.Equal((HttpStatusCode.OK, false), (status, resumed.GetProperty("paused").GetBoolean()));
        await Eventually.HoldsAsync("all is delivered", async () =>
            await Sql.CountAsync(second, "webhooks.jobs where kind = 'delivery' and finished_at is null") == 0);
        Assert.Equal(sent + all, merchant.All.Count);
        Assert.Single(log.Of(4402));
        Assert.Equal(
            "resume The merchants know.",
            await Sql.ScalarAsync<string>(second, "select action || ' ' || reason from webhooks.audit"));
        Assert.InRange(Repeated(merchant, sent), 0, open);
    }

    [Fact]
    public async Task A_Sender_that_starts_again_where_it_was_does_not_wait()
    {
        var (database, redis) = (await NewDatabaseAsync(), await stack.RedisAsync());
        var outbox = new Outbox(database);
        await using var merchant = await MerchantServer.StartAsync();
        for (var start = 0; start < 2; start++)
        {
            await using var sender = await Services.SenderAsync(database, redis);
            await (start == 0 ? outbox.AddEndpointAsync(merchant.Url) : Task.CompletedTask);
            await outbox.PublishAsync();
            await merchant.NextAsync();
        }
    }

    [Fact]
    public async Task A_restore_of_another_kind_can_be_declared_and_waiting_ended_by_hand()
    {
        var (database, redis) = (await NewDatabaseAsync(), await stack.RedisAsync());
        await Sql.ExecuteAsync(database, "update webhooks.ledger set home = 'a snapshot'");
        var outbox = new Outbox(database);
        await using var merchant = await MerchantServer.StartAsync();
        var log = new RecordedLog();
        await using var sender = await SenderAsync(database, redis, log);
        await outbox.AddEndpointAsync(merchant.Url);
        await outbox.PublishAsync();
        await Eventually.HoldsAsync("it waits", () => Task.FromResult(log.Of(4401).Any()));
        Assert.Empty(merchant.All);

        await Sql.ExecuteAsync(database, "update webhooks.ledger set home = null");

        await merchant.NextAsync();
        Assert.Single(log.Of(4402));
    }

    [Fact]
    public async Task A_timeline_that_changes_under_a_running_Sender_is_a_failover_and_nothing_waits()
    {
        var (database, redis) = (await NewDatabaseAsync(), await stack.RedisAsync());
        var outbox = new Outbox(database);
        await using var merchant = await MerchantServer.StartAsync();
        await using (await Services.SenderAsync(database, redis))
        {
            await outbox.AddEndpointAsync(merchant.Url);
            await Eventually.HoldsAsync("it is at home", async () => await HomeAsync() is not null);
            var home = await HomeAsync();

            await Sql.ExecuteAsync(database, "update webhooks.ledger set home = 'the server before'");

            await Eventually.HoldsAsync("it has moved", async () => await HomeAsync() == home);
            await outbox.PublishAsync();
            await merchant.NextAsync();
        }

        Task<string?> HomeAsync() => Sql.ScalarAsync<string>(database, "select home from webhooks.ledger");
    }

    private static async Task<string> RememberedAsync(ServiceHost<SourceCatalog> receiver)
    {
        var id = Delivery.NewId();
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(receiver, id));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(receiver, id));
        return id;
    }

    // Repeated deliveries have the webhook-id that they had before.
    private static int Repeated(MerchantServer merchant, int sent)
    {
        var before = merchant.All.Take(sent).Select(request => request.Headers["webhook-id"]).ToHashSet(StringComparer.Ordinal);
        return merchant.All.Skip(sent).Count(request => before.Contains(request.Headers["webhook-id"]));
    }

    private static Task<ServiceHost<DeliveryClient>> SenderAsync(string database, string redis, RecordedLog? log) =>
        ServiceHost<DeliveryClient>.StartAsync(
            Services.Settings(database, redis, ("Webhooks:Jobs:Delivery:Poll", "00:00:00.1")),
            services =>
            {
                if (log is not null)
                {
                    services.AddSingleton<ILoggerProvider>(log);
                }
            });

    private static async Task<HttpStatusCode> PostAsync(ServiceHost<SourceCatalog> receiver, string id)
    {
        const string Body = """{"action":"opened","issue":{"number":7,"title":"A bug"}}""";
        using var client = receiver.NewClient();
        return (await client.PostAsync(SignedRequest.GitHub(Body, id, "issues"))).Status;
    }

    private static async Task LoadAsync(ServiceHost<SourceCatalog> receiver, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await PostAsync(receiver, Delivery.NewId());
        }
    }

    private async Task<string> NewDatabaseAsync() => Limited(await stack.NewDatabaseAsync());

    private static string Limited(string database) => $"{database};Maximum Pool Size=10";

    /// <summary>The three services, with a playbook that makes a message of each issue.</summary>
    private sealed record RunningStack(
        ServiceHost<SourceCatalog> Receiver, ServiceHost<PlaybookCatalog> Worker, ServiceHost<DeliveryClient> Sender)
        : IAsyncDisposable
    {
        public static async Task<RunningStack> StartAsync(string database, string redis, RecordedLog? log = null)
        {
            var receiver = await Services.ReceiverAsync(database, redis);
            var sender = await SenderAsync(database, redis, log);
            if (log is not null)
            {
                await Eventually.HoldsAsync("the Sender has looked", () => Task.FromResult(log.Of(4401).Any()));
            }

            var worker = await Services.WorkerAsync(
                database, redis, ("Webhooks:Playbooks:github-summary:Merchant", "acme"),
                ("Webhooks:Jobs:Event:Poll", "00:00:00.1"), ("Webhooks:Jobs:Task:Poll", "00:00:00.1"));
            return new(receiver, worker, sender);
        }

        public async ValueTask DisposeAsync()
        {
            await Receiver.DisposeAsync();
            await Worker.DisposeAsync();
            await Sender.DisposeAsync();
        }
    }
}
