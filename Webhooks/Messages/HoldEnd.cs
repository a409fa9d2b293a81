namespace Aspire.Webhooks.Messages;

/// <summary>
/// When deliveries are due that wait for the end of an endpoint's hold, in SQL over <c>webhooks.endpoints</c> and
/// <c>webhooks.jobs</c>: all within the second after it, those that have tried most first, and what has not been put off but
/// queued meanwhile last.
/// </summary>
public static class HoldEnd
{
    /// <summary>When a delivery is due that is queued: after what waits for the end of a hold; without one, now.</summary>
    public const string OfQueued = "greatest(now(), held_until + interval '500 milliseconds')";

    /// <summary>When a delivery is due that is put off, by its attempts.</summary>
    public const string OfPutOff = "held_until + (24 - least(attempt, 24)) * interval '20 milliseconds'";

    /// <summary>Whether a delivery that is queued, or put off, is slow: it is tried apart from those to endpoints that do not fail.</summary>
    public const string IsSlow = "held_until is not null";

    /// <summary>
    /// Makes due what waits for the end of endpoint <c>$1</c>'s hold, if its row meets the condition; begin with its row locked. What
    /// waits is told by its time, which nothing else shares but by chance. So many at a time bound the statement, as others are
    /// settled with it; what is left is due at that time.
    /// </summary>
    public static string PutForward(string condition) => $"""
        update webhooks.jobs job set due_at = now(), slow = false
        from (
            select pending.id from webhooks.endpoints endpoint
            join webhooks.jobs pending on due_at >= held_until and due_at < held_until + interval '1 second'
            where endpoint.id = $1 and {condition}
                and pending.kind = 'delivery' and pending.slow and pending.lane = $1::text and pending.state = 'pending'
            order by pending.due_at limit 10000
            for no key update of pending skip locked) waiting
        where job.id = waiting.id
        """;
}
