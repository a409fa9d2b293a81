namespace Aspire.Webhooks.Listeners;

/// <summary>
/// Code that handles a source's events. Derive, then register with <c>services.AddWebhookListener&lt;T&gt;()</c>.
/// A listener may see an event more than once (a crash between its effect and our commit): make effects idempotent,
/// <see cref="WebhookEvent.Id"/> is a good key.
/// </summary>
public abstract class WebhookListener
{
    /// <summary>The source whose events this listener handles.</summary>
    public abstract string Source { get; }

    /// <summary>Handles one event. An exception is a failed attempt; the event is retried by the schedule.</summary>
    public abstract Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken);

    /// <summary>Told of each failed attempt of <see cref="HandleAsync"/>.</summary>
    public virtual Task OnErrorAsync(WebhookEvent webhookEvent, Exception exception, CancellationToken cancellationToken) => Task.CompletedTask;
}
