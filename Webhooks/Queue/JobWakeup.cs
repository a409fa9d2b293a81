using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// Tells pumps, here and in other processes, that there is work. A hint over Redis: when it is lost, polling finds the
/// work a moment later.
/// </summary>
public sealed partial class JobWakeup
{
    // Names are separated by a character that none of them has. The first is this process's, which has heard of it already.
    private const char Separator = '\n';

    private readonly IConnectionMultiplexer? _redis;
    private readonly ILogger<JobWakeup> _logger;
    private readonly string _self = RandomNumberGenerator.GetHexString(16);
    private readonly Dictionary<JobKind, JobSignal> _signals = Enum.GetValues<JobKind>().ToDictionary(kind => kind, _ => new JobSignal());

    /// <param name="redis">Null where there is none: then others poll.</param>
    public JobWakeup(ILogger<JobWakeup> logger, IConnectionMultiplexer? redis = null)
    {
        _redis = redis;
        _logger = logger;
    }

    /// <summary>Wakes the pumps of a kind. Never fails and never waits.</summary>
    /// <param name="lanes">Where the jobs are; null when it is not known, then they are searched for.</param>
    public void Notify(JobKind kind, IReadOnlyCollection<string>? lanes = null)
    {
        if (lanes is { Count: 0 })
        {
            return;
        }

        Of(kind).Set(lanes);
        if (_redis is not { IsConnected: true })
        {
            return;
        }

        try
        {
            var message = lanes is null ? _self : $"{_self}{Separator}{string.Join(Separator, lanes)}";
            _redis.GetSubscriber().Publish(ChannelOf(kind), message, CommandFlags.FireAndForget);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            LogLost(_logger, kind, exception);
        }
    }

    /// <summary>What this process's pump of a kind waits for.</summary>
    internal JobSignal Of(JobKind kind) => _signals[kind];

    /// <summary>Listens to other processes. Call once; Redis may come later, the subscription is restored by itself.</summary>
    public async Task ListenAsync(JobKind kind)
    {
        if (_redis is null)
        {
            return;
        }

        try
        {
            await _redis.GetSubscriber().SubscribeAsync(ChannelOf(kind), (_, message) => Hear(kind, message.ToString()));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogDeaf(_logger, kind, exception);
        }
    }

    private void Hear(JobKind kind, string message)
    {
        var parts = message.Split(Separator);
        if (parts[0] != _self)
        {
            Of(kind).Set(parts.Length == 1 ? null : parts[1..]);
        }
    }

    private static RedisChannel ChannelOf(JobKind kind) => new($"webhooks:jobs:{kind.Name()}", RedisChannel.PatternMode.Literal);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Debug, Message = "A wake-up for {Kind} jobs was lost; polling will find them.")]
    private static partial void LogLost(ILogger logger, JobKind kind, Exception exception);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "Redis does not tell of {Kind} jobs; polling alone finds them.")]
    private static partial void LogDeaf(ILogger logger, JobKind kind, Exception exception);
}

/// <summary>A wake-up for one pump: set by anybody, taken by the pump.</summary>
internal sealed class JobSignal
{
    // More lanes than this are searched for.
    private const int MaxLanes = 1000;

    private readonly Lock _lock = new();
    private HashSet<string> _lanes = new(StringComparer.Ordinal);
    private bool _all;
    private TaskCompletionSource _set = New();

    /// <param name="lanes">Where there may be work; null for anywhere, none for a look at what the pump knows of.</param>
    public void Set(IReadOnlyCollection<string>? lanes)
    {
        lock (_lock)
        {
            _all |= lanes is null || _lanes.Count + lanes.Count > MaxLanes;
            _lanes.UnionWith(_all ? [] : lanes ?? []);
            _set.TrySetResult();
        }
    }

    /// <summary>Waits until it is set, at most for some time.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await _set.Task.WaitAsync(longest, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nobody told of anything.
        }
    }

    /// <summary>Takes what it was set with.</summary>
    /// <returns>Whether there may be work in any lane, and the lanes in which there may be.</returns>
    public (bool All, IReadOnlyCollection<string> Lanes) Take()
    {
        lock (_lock)
        {
            var taken = (_all, _lanes);
            if (_set.Task.IsCompleted)
            {
                (_all, _lanes, _set) = (false, new(StringComparer.Ordinal), New());
            }

            return taken;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
