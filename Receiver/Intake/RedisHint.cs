using Microsoft.Extensions.Options;
using Npgsql;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Redis's memory of delivery ids, shared by all Receivers on one database.</summary>
public sealed class RedisHint(IConnectionMultiplexer redis, NpgsqlDataSource database, IOptions<IdempotencyOptions> options, TimeProvider time)
    : IDedupeHint
{
    // A slow Redis must not slow intake: a few slow or failed calls and it is left alone for some seconds.
    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            // What went well before it became slow is soon forgotten, however much it was.
            FailureRatio = 0.5,
            MinimumThroughput = 2,
            SamplingDuration = TimeSpan.FromMilliseconds(500),
            BreakDuration = TimeSpan.FromSeconds(5),
        })
        .AddTimeout(TimeSpan.FromMilliseconds(200))
        .Build();

    private string? _prefix;

    public async Task<bool[]> KnownAsync(IReadOnlyList<IntakeItem> items)
    {
        var known = new bool[items.Count];
        await TryAsync(async cancellationToken =>
        {
            var keys = await KeysAsync(items, cancellationToken);
            var values = await redis.GetDatabase().StringGetAsync(keys).WaitAsync(cancellationToken);
            for (var at = 0; at < values.Length; at++)
            {
                known[at] = !values[at].IsNull;
            }
        });
        return known;
    }

    public Task RememberAsync(IReadOnlyList<IntakeItem> items) => TryAsync(async cancellationToken =>
    {
        var batch = redis.GetDatabase().CreateBatch();
        var writes = (await KeysAsync(items, cancellationToken))
            .Select(key => batch.StringSetAsync(key, "1", options.Value.Ttl))
            .ToArray();
        batch.Execute();
        await Task.WhenAll(writes).WaitAsync(cancellationToken);
    });

    private async Task TryAsync(Func<CancellationToken, Task> call)
    {
        if (!redis.IsConnected)
        {
            return;
        }

        try
        {
            await _pipeline.ExecuteAsync(async cancellationToken => await call(cancellationToken));
        }
        catch (Exception exception) when (exception is not NpgsqlException)
        {
            // Whatever Redis or its client says, the answer is the same: Postgres decides.
        }
    }

    private async Task<RedisKey[]> KeysAsync(IReadOnlyList<IntakeItem> items, CancellationToken cancellationToken)
    {
        _prefix ??= await ReadPrefixAsync(cancellationToken);
        return [.. items.Select(item => (RedisKey)$"{_prefix}{item.Event.Source}:{item.Event.DeliveryId}")];
    }

    // The ledger's id is in the key: a new or restored-elsewhere database never meets the memory of another.
    private async Task<string> ReadPrefixAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id from webhooks.ledger");
        return $"webhooks:{await command.ExecuteScalarAsync(cancellationToken)}:seen:";
    }
}
