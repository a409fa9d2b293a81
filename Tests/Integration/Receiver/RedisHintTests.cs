using System.Reflection;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class RedisHintTests(TestStack stack)
{
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
        var hint = new RedisHint(
            redis, source, Options.Create(new IdempotencyOptions()), TimeProvider.System, NullLogger<RedisHint>.Instance);
        IntakeItem[] items = [new(new() { Source = "github", DeliveryId = "1", EventType = "push", Headers = "{}", ContentType = "application/json", Body = [] })];
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
