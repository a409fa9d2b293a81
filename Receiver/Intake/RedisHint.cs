using Microsoft.Extensions.Options;
using Npgsql;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Redis's memory of delivery ids, shared by all Receivers on one database.</summary>
public sealed partial class RedisHint(
    IConnectionMultiplexer redis,
    NpgsqlDataSource database,
    IOptions<IdempotencyOptions> options,
    TimeProvider time,
    ILogger<RedisHint> logger) : IDedupeHint
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(200);

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
        .Build();

    private readonly Outage _outage = new(time);
    private string? _prefix;

    public bool[] Known(IReadOnlyList<IntakeItem> items)
    {
        var known = new bool[items.Count];
        Try(() =>
        {
            var values = redis.GetDatabase().StringGetAsync(Keys(items));
            if (!values.Wait(Limit))
            {
                throw new TimeoutException();
            }

            for (var at = 0; at < values.Result.Length; at++)
            {
                known[at] = !values.Result[at].IsNull;
            }
        });
        return known;
    }

    public void Remember(IReadOnlyList<IntakeItem> items) => Try(() =>
    {
        var all = redis.GetDatabase();
        foreach (var key in Keys(items))
        {
            all.StringSet(key, "1", options.Value.Ttl, flags: CommandFlags.FireAndForget);
        }
    });

    private void Try(Action call)
    {
        if (!redis.IsConnected)
        {
            return;
        }

        try
        {
            _pipeline.Execute(call);
            if (_outage.Ends() is { } lasted)
            {
                LogBack(logger, lasted.TotalSeconds);
            }
        }
        catch (Exception exception) when (exception is not NpgsqlException)
        {
            // Whatever Redis or its client says, the answer is the same: Postgres decides.
            if (exception is not BrokenCircuitException && _outage.Begins())
            {
                LogAway(logger, exception.GetBaseException().GetType().Name);
            }
        }
    }

    private RedisKey[] Keys(IReadOnlyList<IntakeItem> items)
    {
        _prefix ??= ReadPrefix();
        return [.. items.Select(item => (RedisKey)$"{_prefix}{item.Event.Source}:{item.Event.DeliveryId}")];
    }

    // The ledger's id is in the key: a new or restored-elsewhere database never meets the memory of another.
    private string ReadPrefix()
    {
        using var command = database.CreateCommand("select id from webhooks.ledger");
        return $"webhooks:{command.ExecuteScalar()}:seen:";
    }

    [LoggerMessage(EventId = 2111, Level = LogLevel.Warning,
        Message = "Redis does not answer ({Error}); until it does, Postgres alone knows duplicates.")]
    private static partial void LogAway(ILogger logger, string error);

    [LoggerMessage(EventId = 2112, Level = LogLevel.Information, Message = "Redis answers again, after {Seconds:0.0} s.")]
    private static partial void LogBack(ILogger logger, double seconds);
}
