using System.Runtime.ExceptionServices;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>Runs the listeners of an event. A failure of one does not prevent the others from running.</summary>
public sealed partial class ListenerRun(CompletedListeners completed, ILogger<ListenerRun> logger)
{
    /// <summary>Runs the listeners that have not succeeded in an earlier attempt of this job.</summary>
    /// <exception cref="Exception">The exception of a single listener.</exception>
    /// <exception cref="AggregateException">The exceptions of several listeners; the message names those that
    /// failed.</exception>
    public async Task RunAsync(
        LeasedJob job, WebhookEvent webhookEvent, IReadOnlyList<NamedListener> listeners, CancellationToken cancellationToken)
    {
        switch (listeners.Count)
        {
            case 0:
                return;
            case 1:
                (await TryAsync(listeners[0], webhookEvent, cancellationToken))?.Throw();
                return;
            default:
                await RunSeveralAsync(job, webhookEvent, listeners, cancellationToken);
                return;
        }
    }

    private async Task RunSeveralAsync(
        LeasedJob job, WebhookEvent webhookEvent, IReadOnlyList<NamedListener> listeners, CancellationToken cancellationToken)
    {
        // The first attempt reads this as well, because an attempt that was handed back is not counted.
        var done = await completed.ReadAsync(job.Id, cancellationToken);
        var failures = new List<(string Name, Exception Exception)>();
        foreach (var listener in listeners.Where(listener => !done.Contains(listener.Name)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await TryAsync(listener, webhookEvent, cancellationToken) is { } failure)
            {
                failures.Add((listener.Name, failure.SourceException));
            }
            else
            {
                await completed.AddAsync(job.Id, listener.Name);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(
                $"{failures.Count} of {listeners.Count} listeners failed: "
                    + $"{string.Join(", ", failures.Select(failure => failure.Name))}.",
                failures.Select(failure => failure.Exception));
        }
    }

    private async Task<ExceptionDispatchInfo?> TryAsync(
        NamedListener named, WebhookEvent webhookEvent, CancellationToken cancellationToken)
    {
        try
        {
            await named.Listener.HandleAsync(webhookEvent, cancellationToken);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The exception's message may quote the payload. It is logged, redacted, in the line about the attempt.
            LogFailed(logger, named.Name, webhookEvent.Id, webhookEvent.Source, exception.GetType());
            await NotifyOfErrorAsync(named, webhookEvent, exception, cancellationToken);
            return ExceptionDispatchInfo.Capture(exception);
        }
    }

    private async Task NotifyOfErrorAsync(
        NamedListener named, WebhookEvent webhookEvent, Exception exception, CancellationToken cancellationToken)
    {
        try
        {
            await named.Listener.OnErrorAsync(webhookEvent, exception, cancellationToken);
        }
        catch (Exception another)
        {
            LogErrorHandlerFailed(logger, named.Name, webhookEvent.Id, another);
        }
    }

    [LoggerMessage(
        EventId = 3111, Level = LogLevel.Warning, Message = "{Listener} failed on event {EventId} of {Source}: {Exception}.")]
    private static partial void LogFailed(ILogger logger, string listener, Guid eventId, string source, Type exception);

    [LoggerMessage(
        EventId = 3112, Level = LogLevel.Warning, Message = "The OnErrorAsync of {Listener} failed on event {EventId}.")]
    private static partial void LogErrorHandlerFailed(ILogger logger, string listener, Guid eventId, Exception exception);
}
