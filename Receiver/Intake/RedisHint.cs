using Aspire.Webhooks.ServiceDefaults.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Caches delivery ids in Redis, shared by all Receivers of one database.</summary>
public sealed partial class RedisHint(
    IConnectionMultiplexer redis,
    LedgerTimeline timeline,
    IOptions<IdempotencyOptions> options,
    TimeProvider time,
    ILogger<RedisHint> logger) : IDedupeHint
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(200);

    // A slow Redis must not slow the intake: after a few slow or failed calls the circuit opens for some seconds.
    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            // The sampling duration is short, so that earlier successes do not keep the circuit closed.
            FailureRatio = 0.5,
            MinimumThroughput = 2,
            SamplingDuration = TimeSpan.FromMilliseconds(500),
            BreakDuration = TimeSpan.FromSeconds(5),
        })
        .Build();

    private readonly Outage _outage = new(time);

    public bool[] Known(IReadOnlyList<IntakeItem> items)
    {
        var known = new bool[items.Count];
        if (timeline.Read() is not { } current)
        {
            return known;
        }

        Try(() =>
        {
            var values = redis.GetDatabase().StringGetAsync([.. items.Select(item => Key(current, item))]);
            if (!values.Wait(Limit))
            {
                throw new TimeoutException();
            }

            for (var at = 0; at < values.Result.Length; at++)
            {
                known[at] = !values.Result[at].IsNull;
            }

            Answered();
        });
        return known;
    }

    public void Remember(IReadOnlyList<IntakeItem> items)
    {
        if (timeline.Read() is not { } current)
        {
            return;
        }

        RedisKey[] keys = [.. items.Where(current.Covers).Select(item => Key(current, item))];
        if (keys.Length > 0)
        {
            Try(() =>
            {
                var all = redis.GetDatabase();
                foreach (var key in keys[1..])
                {
                    all.StringSet(key, "1", options.Value.Ttl, flags: CommandFlags.FireAndForget);
                }

                // No caller waits for this one; its result stands for the others.
                _ = ObserveAsync(all.StringSetAsync(keys[0], "1", options.Value.Ttl), time.GetTimestamp());
            });
        }
    }

    // The braces are Redis Cluster's hash tag: keys of one command must be in one slot.
    private static RedisKey Key(Timeline current, IntakeItem item) =>
        $"webhooks:{{{current.Name}}}:seen:{item.Event.Source}:{item.Event.DeliveryId}";

    private void Try(Action call)
    {
        if (!redis.IsConnected)
        {
            Failed("disconnected", "not connected");
            return;
        }

        try
        {
            _pipeline.Execute(call);
        }
        catch (BrokenCircuitException)
        {
            ReceiveMetrics.HintFailed("circuit_open");
        }
        catch (Exception exception)
        {
            Failed(exception);
        }
    }

    private async Task ObserveAsync(Task<bool> stored, long asked)
    {
        try
        {
            await stored;
            if (time.GetElapsedTime(asked) > Limit)
            {
                throw new TimeoutException();
            }

            Answered();
        }
        catch (Exception exception)
        {
            Failed(exception);
        }
    }

    private void Answered()
    {
        if (_outage.Ends() is { } lasted)
        {
            LogAvailable(logger, lasted.TotalSeconds);
        }
    }

    // Every error of Redis or its client has the same consequence: Postgres decides.
    private void Failed(Exception exception)
    {
        var cause = exception.GetBaseException();
        var reason = cause switch
        {
            TimeoutException => "timeout",
            RedisConnectionException => "disconnected",
            _ => "error",
        };
        Failed(reason, cause.GetType().Name);
    }

    private void Failed(string reason, string error)
    {
        ReceiveMetrics.HintFailed(reason);
        if (_outage.Begins())
        {
            LogUnavailable(logger, error);
        }
    }

    [LoggerMessage(EventId = 2111, Level = LogLevel.Warning,
        Message = "Redis does not answer ({Error}); until it does, only the unique key in Postgres detects duplicates.")]
    private static partial void LogUnavailable(ILogger logger, string error);

    [LoggerMessage(EventId = 2112, Level = LogLevel.Information, Message = "Redis answers again, after {Seconds:0.0} s.")]
    private static partial void LogAvailable(ILogger logger, double seconds);
}
