using System.Reflection;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class RedisHintTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Redis_that_stops_to_answer_is_left_alone_after_a_few_calls_however_well_it_did_before()
    {
        var database = await stack.NewDatabaseAsync();
        await using (await Services.ReceiverAsync(database, await stack.RedisAsync()))
        {
            // It makes the tables.
        }

        await using var source = NpgsqlDataSource.Create(database);
        var redis = DispatchProxy.Create<IConnectionMultiplexer, Redis>();
        var calls = (Redis)(object)redis;
        var timeline = new LedgerTimeline(source, TimeProvider.System, NullLogger<LedgerTimeline>.Instance);
        var hint = new RedisHint(
            redis, timeline, Options.Create(new IdempotencyOptions()), TimeProvider.System, NullLogger<RedisHint>.Instance);
        IntakeItem[] items = [
            new(new() { Source = "github", DeliveryId = "1", EventType = "push", Headers = "{}", ContentType = "application/json",
                Body = [] })];
        for (var call = 0; call < 1000; call++)
        {
            hint.Known(items);
        }

        Assert.Equal(1000, calls.Count);
        calls.Hangs = true;
        for (var call = 0; call < 20; call++)
        {
            Assert.False(Assert.Single(hint.Known(items)));
        }

        Assert.InRange(calls.Count - 1000, 1, 6);
    }

    [Fact]
    public async Task On_a_cluster_ids_are_remembered_and_known_together()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not installed");
        var folder = Directory.CreateTempSubdirectory("webhooks-redis-");
        using var server = new RedisServer();
        await server.StartAsync(
            Cancellation, "--cluster-enabled", "yes", "--cluster-port", $"{RedisServer.FreePort()}", "--dir", folder.FullName);
        await using (var admin = await ConnectAsync(server))
        {
            await admin.GetDatabase().ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await Eventually.HoldsAsync("the cluster has its slots", async () =>
                $"{await admin.GetDatabase().ExecuteAsync("CLUSTER", "INFO")}"
                    .Contains("cluster_state:ok", StringComparison.Ordinal));
        }

        await using var redis = await ConnectAsync(server);
        Assert.Equal(ServerType.Cluster, redis.GetServers()[0].ServerType);
        await using var hints = await Hints.CreateAsync(stack);
        var hint = hints.Redis(redis);
        var items = Enumerable.Range(0, 100).Select(_ => hints.NewItem("github", Delivery.NewId())).ToList();

        hint.Remember(items);

        await Hints.KnowsAsync(
            hint, [.. items, hints.NewItem("github", Delivery.NewId())], [.. Enumerable.Repeat(true, 100), false]);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_Redis_that_is_away_is_one_line_however_many_calls_there_are_and_one_when_it_is_back_and_each_is_counted()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not installed");
        using var measured = new Measurements();
        using var server = new RedisServer();
        await using var redis = await ConnectAsync(server);
        await using var hints = await Hints.CreateAsync(stack);
        var hint = hints.Redis(redis);
        IntakeItem[] items = [hints.NewItem("github", Delivery.NewId())];
        for (var call = 0; call < 5; call++)
        {
            hint.Remember(items);
            Assert.Equal([false], hint.Known(items));
        }

        Assert.Single(hints.Log.Of(2111));
        Assert.Equal(10, measured.Mine("webhook.idempotency.failures").Count(one => one.Has("reason", "disconnected")));
        await server.StartAsync(Cancellation);
        await Eventually.HoldsAsync("it remembers", () =>
        {
            hint.Remember(items);
            return Task.FromResult(hint.Known(items)[0]);
        });

        await Eventually.HoldsAsync("it is told", () => Task.FromResult(hints.Log.Of(2112).Any()));
    }

    [Fact]
    public async Task A_Redis_that_takes_no_writes_is_told_and_counted_though_nobody_waits_for_them()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not installed");
        using var measured = new Measurements();
        using var server = new RedisServer();
        await server.StartAsync(Cancellation, "--min-replicas-to-write", "1");
        await using var redis = await ConnectAsync(server);
        await using var hints = await Hints.CreateAsync(stack);
        var hint = hints.Redis(redis);

        hint.Remember([hints.NewItem("github", Delivery.NewId())]);

        await measured.MineAsync("webhook.idempotency.failures", 1);
        Assert.True(measured.Mine("webhook.idempotency.failures")[0].Has("reason", "error"));
        await Eventually.HoldsAsync("it is told", () => Task.FromResult(hints.Log.Of(2111).Any()));
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer server) =>
        await ConnectionMultiplexer.ConnectAsync(
            $"{server.ConnectionString},abortConnect=false,allowAdmin=true,connectTimeout=1000");

    /// <summary>Answers that nothing is known, or not at all.</summary>
    public class Redis : DispatchProxy
    {
        public int Count { get; private set; }

        public bool Hangs { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
        {
            "get_IsConnected" => true,
            "GetDatabase" => Database.Of(this),
            _ => throw new NotSupportedException(targetMethod?.Name),
        };

        public class Database : DispatchProxy
        {
            private Redis _redis = null!;

            public static IDatabase Of(Redis redis)
            {
                var database = Create<IDatabase, Database>();
                ((Database)(object)database)._redis = redis;
                return database;
            }

            protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
            {
                _redis.Count++;
                return _redis.Hangs ? new TaskCompletionSource<RedisValue[]>().Task : Task.FromResult(new RedisValue[1]);
            }
        }
    }
}
