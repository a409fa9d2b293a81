namespace Aspire.Webhooks.Listeners;

/// <summary>
/// Code that handles a source's events. Derive, then register with <c>services.AddWebhookListener&lt;T&gt;()</c>.
/// A listener may see an event more than once (a crash between its effect and our commit): make effects idempotent,
/// <see cref="WebhookEvent.Id"/> is a good key.
/// </summary>
public abstract class WebhookListener
{
    private static readonly IReadOnlyList<string> EveryType = ["*"];

    /// <summary>The source whose events this listener handles.</summary>
    public abstract string Source { get; }

    /// <summary>
    /// The types that it handles: each exact (<c>invoice.paid</c>) or a beginning (<c>invoice.*</c>). Default: every type.
    /// What no listener and no playbook handles is settled as ignored. Read once, at start.
    /// </summary>
    public virtual IReadOnlyList<string> EventTypes => EveryType;

    /// <summary>
    /// Handles one event. An exception is a failed attempt: the event's other listeners get their turn, and those that failed
    /// are run again by the schedule.
    /// </summary>
    public abstract Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken);

    /// <summary>
    /// Told of each failed attempt of <see cref="HandleAsync"/>, but not of a cancelled one. What it throws is logged and
    /// changes nothing.
    /// </summary>
    public virtual Task OnErrorAsync(WebhookEvent webhookEvent, Exception exception, CancellationToken cancellationToken) =>
        Task.CompletedTask;
}
