using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace Aspire.Webhooks.Queue;

/// <summary>
/// Notifies pumps of new jobs: those of this process directly, those of others over Redis. When a notice is lost, polling finds
/// the jobs a moment later.
/// </summary>
public sealed partial class JobWakeup
{
    // A notice consists of the name of the sending process and the names of the lanes, separated by a character that no name
    // contains. A process ignores its own notices.
    private const char Separator = '\n';

    private readonly IConnectionMultiplexer? _redis;
    private readonly RedisChannel _yieldChannel;
    private readonly ILogger<JobWakeup> _logger;
    private readonly string _self = RandomNumberGenerator.GetHexString(16);
    private readonly Dictionary<JobKind, JobSignal> _signals =
        Enum.GetValues<JobKind>().ToDictionary(kind => kind, _ => new JobSignal());

    /// <param name="logger">The log.</param>
    /// <param name="redis">The connection; null where there is no Redis, and other processes find the jobs by polling.</param>
    /// <param name="database">The database of the jobs; others may share the Redis. Null where there is no Redis.</param>
    public JobWakeup(
        ILogger<JobWakeup> logger, IConnectionMultiplexer? redis = null, NpgsqlDataSource? database = null)
    {
        // A notice of another database's jobs costs one claim in vain. A request of its intake to yield would cost seconds.
        var name = database is null ? "" : new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        _yieldChannel = new($"webhooks:jobs:yield:{name}", RedisChannel.PatternMode.Literal);
        _redis = redis;
        _logger = logger;
    }

    /// <summary>Wakes the pumps of a kind. It never fails and never waits.</summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="lanes">The lanes of the jobs; null when they are not known, and the pumps have to search for them.</param>
    public void Notify(JobKind kind, IReadOnlyCollection<string>? lanes = null)
    {
        if (lanes is { Count: 0 })
        {
            return;
        }

        Of(kind).Set(lanes);
        var message = lanes is null ? _self : $"{_self}{Separator}{string.Join(Separator, lanes)}";
        Publish(ChannelOf(kind), message, (logger, exception) => LogLost(logger, kind, exception));
    }

    /// <summary>
    /// Asks the pumps of all processes to claim nothing for a second, because the intake refuses requests. A pump whose jobs are
    /// late does not obey (<see cref="JobOptions.YieldFor"/>). It never fails and never waits.
    /// </summary>
    public void AskToYield()
    {
        foreach (var signal in _signals.Values)
        {
            signal.AskToYield();
        }

        Publish(_yieldChannel, _self, LogYieldLost);
    }

    /// <summary>Returns the signal that the pump of a kind in this process waits for.</summary>
    internal JobSignal Of(JobKind kind) => _signals[kind];

    /// <summary>
    /// Subscribes to the notices of other processes. Call it once: the client subscribes when Redis becomes available, and again
    /// after each reconnect.
    /// </summary>
    public async Task ListenAsync(JobKind kind)
    {
        if (_redis is null)
        {
            return;
        }

        try
        {
            var subscriber = _redis.GetSubscriber();
            await subscriber.SubscribeAsync(ChannelOf(kind), (_, message) => Receive(kind, message.ToString()));
            await subscriber.SubscribeAsync(_yieldChannel, (_, message) => ReceiveYield(kind, message.ToString()));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogNotSubscribed(_logger, kind, exception);
        }
    }

    private void Receive(JobKind kind, string message)
    {
        var parts = message.Split(Separator);
        if (parts[0] != _self)
        {
            Of(kind).Set(parts.Length == 1 ? null : parts[1..]);
        }
    }

    private void ReceiveYield(JobKind kind, string message)
    {
        if (message != _self)
        {
            Of(kind).AskToYield();
        }
    }

    private void Publish(RedisChannel channel, string message, Action<ILogger, Exception> lost)
    {
        if (_redis is not { IsConnected: true })
        {
            return;
        }

        try
        {
            _redis.GetSubscriber().Publish(channel, message, CommandFlags.FireAndForget);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            lost(_logger, exception);
        }
    }

    private static RedisChannel ChannelOf(JobKind kind) => new($"webhooks:jobs:{kind.Name()}", RedisChannel.PatternMode.Literal);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Debug,
        Message = "A wake-up for {Kind} jobs was lost; polling will find them.")]
    private static partial void LogLost(ILogger logger, JobKind kind, Exception exception);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning,
        Message = "Redis does not carry wake-ups for {Kind} jobs; polling alone finds them.")]
    private static partial void LogNotSubscribed(ILogger logger, JobKind kind, Exception exception);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Debug,
        Message = "The request to yield to the intake was lost; the next one follows in a second.")]
    private static partial void LogYieldLost(ILogger logger, Exception exception);
}

/// <summary>The wake-up of one pump. Any code can set it; the pump takes it.</summary>
internal sealed class JobSignal
{
    // When more lanes are named, the pump searches for them.
    private const int MaxLanes = 1000;

    private readonly Lock _lock = new();
    private HashSet<string> _lanes = new(StringComparer.Ordinal);
    private bool _all;
    private bool _yield;
    private TaskCompletionSource _set = New();

    /// <summary>Wakes the pump.</summary>
    /// <param name="lanes">
    /// The lanes that may have jobs; null for any lane; none to let the pump look at the lanes it knows.
    /// </param>
    public void Set(IReadOnlyCollection<string>? lanes)
    {
        lock (_lock)
        {
            _all |= lanes is null || _lanes.Count + lanes.Count > MaxLanes;
            _lanes.UnionWith(_all ? [] : lanes ?? []);
            _set.TrySetResult();
        }
    }

    /// <summary>Asks the pump to yield. This does not wake it.</summary>
    public void AskToYield() => Volatile.Write(ref _yield, true);

    /// <summary>Returns whether the pump was asked to yield since the last call.</summary>
    public bool TakeYield() => Interlocked.Exchange(ref _yield, false);

    /// <summary>
    /// Waits until the signal is set, the longest time has passed, or the wait is cancelled. It never throws: a pump without work
    /// waits once per poll, and an exception each time would cost more than the poll.
    /// </summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken) =>
        await _set.Task.WaitAsync(longest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Takes the lanes that the signal was set with, and resets it.</summary>
    /// <returns>Whether any lane may have jobs, and the lanes that may have jobs.</returns>
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
