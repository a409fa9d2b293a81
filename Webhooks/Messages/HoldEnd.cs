namespace Aspire.Webhooks.Messages;

/// <summary>
/// When deliveries are due that wait for the end of an endpoint's hold, in SQL over <c>webhooks.endpoints</c> and
/// <c>webhooks.jobs</c>: all within the second after it, those that have tried most first, and what has not been put off but
/// queued meanwhile last.
/// </summary>
public static class HoldEnd
{
    /// <summary>When a delivery is due that is queued during the hold; null without one.</summary>
    public const string OfQueued = "held_until + interval '500 milliseconds'";

    /// <summary>When a delivery is due that is put off, by its attempts.</summary>
    public const string OfPutOff = "held_until + (24 - least(attempt, 24)) * interval '20 milliseconds'";

    /// <summary>Whether a job waits for that. Its time tells, which nothing else shares but by chance.</summary>
    public const string IsAwaited = "due_at >= held_until and due_at < held_until + interval '1 second'";
}
