namespace Aspire.Webhooks.Listeners;

/// <summary>
/// Handles the events of a source. Derive from it and register it with <c>services.AddWebhookListener&lt;T&gt;()</c>. A
/// listener can see an event more than once, for example when the process crashes after its effect and before our commit. Make
/// effects idempotent; <see cref="WebhookEvent.Id"/> is a suitable key.
/// </summary>
public abstract class WebhookListener
{
    private static readonly IReadOnlyList<string> EveryType = ["*"];

    /// <summary>The source whose events this listener handles.</summary>
    public abstract string Source { get; }

    /// <summary>
    /// The event types that this listener handles, each exact (<c>invoice.paid</c>) or a prefix (<c>invoice.*</c>). The default
    /// is every type. Events that no listener and no playbook handles are settled as ignored. The property is read once, at
    /// start.
    /// </summary>
    public virtual IReadOnlyList<string> EventTypes => EveryType;

    /// <summary>
    /// Handles one event. An exception makes the attempt a failure: the other listeners of the event still run, and the
    /// listeners that failed run again according to the retry schedule.
    /// </summary>
    public abstract Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken);

    /// <summary>
    /// Called after each failed attempt of <see cref="HandleAsync"/>, but not after a cancelled one. Exceptions from this
    /// method are logged and otherwise ignored.
    /// </summary>
    public virtual Task OnErrorAsync(WebhookEvent webhookEvent, Exception exception, CancellationToken cancellationToken) =>
        Task.CompletedTask;
}
