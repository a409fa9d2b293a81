using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Aspire.Webhooks.Jobs;

/// <summary>
/// Tells pumps, here and in other processes, that there is work. A hint over Redis: when it is lost, polling finds the
/// work a moment later.
/// </summary>
public sealed partial class JobWakeup
{
    private readonly IConnectionMultiplexer? _redis;
    private readonly ILogger<JobWakeup> _logger;
    private readonly Dictionary<JobKind, Channel<bool>> _signals = Enum.GetValues<JobKind>()
        .ToDictionary(kind => kind, _ => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }));

    /// <param name="redis">Null where there is none: then others poll.</param>
    public JobWakeup(ILogger<JobWakeup> logger, IConnectionMultiplexer? redis = null)
    {
        _redis = redis;
        _logger = logger;
    }

    /// <summary>Wakes the pumps of a kind. Never fails and never waits.</summary>
    public void Notify(JobKind kind)
    {
        Signal(kind);
        if (_redis is not { IsConnected: true })
        {
            return;
        }

        try
        {
            _redis.GetSubscriber().Publish(ChannelOf(kind), "", CommandFlags.FireAndForget);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            LogLost(_logger, kind, exception);
        }
    }

    /// <summary>Listens to other processes. Call once; Redis may come later, the subscription is restored by itself.</summary>
    public async Task ListenAsync(JobKind kind)
    {
        if (_redis is null)
        {
            return;
        }

        try
        {
            await _redis.GetSubscriber().SubscribeAsync(ChannelOf(kind), (_, _) => Signal(kind));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogDeaf(_logger, kind, exception);
        }
    }

    /// <summary>Waits for a signal, at most for the time of a poll.</summary>
    public async Task WaitAsync(JobKind kind, TimeSpan poll, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(poll, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _signals[kind].Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The poll is due.
        }
    }

    /// <summary>Wakes the pump of a kind in this process alone.</summary>
    public void Signal(JobKind kind) => _signals[kind].Writer.TryWrite(true);

    private static RedisChannel ChannelOf(JobKind kind) => new($"webhooks:jobs:{kind.Name()}", RedisChannel.PatternMode.Literal);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Debug, Message = "A wake-up for {Kind} jobs was lost; polling will find them.")]
    private static partial void LogLost(ILogger logger, JobKind kind, Exception exception);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "Redis does not tell of {Kind} jobs; polling alone finds them.")]
    private static partial void LogDeaf(ILogger logger, JobKind kind, Exception exception);
}
