namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>How one POST ended.</summary>
public enum AttemptOutcome
{
    /// <summary>A 2xx answer.</summary>
    Delivered,

    /// <summary>Any other answer, redirects included.</summary>
    HttpStatus,

    /// <summary>No complete answer in time.</summary>
    Timeout,

    /// <summary>No connection, or one that broke.</summary>
    Network,

    /// <summary>The server's certificate or the handshake failed.</summary>
    Tls,

    /// <summary>Refused by our own guard; nothing was sent.</summary>
    Refused,

    /// <summary>Given up by ourselves, because the process stops; it may have arrived all the same.</summary>
    Interrupted,
}

public static class AttemptOutcomes
{
    /// <summary>The name in the <c>delivery_attempts</c> table.</summary>
    public static string Name(this AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Delivered => "delivered",
        AttemptOutcome.HttpStatus => "http_status",
        AttemptOutcome.Timeout => "timeout",
        AttemptOutcome.Network => "network",
        AttemptOutcome.Tls => "tls",
        AttemptOutcome.Refused => "refused",
        AttemptOutcome.Interrupted => "interrupted",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}

/// <summary>One POST, for the attempt log.</summary>
/// <param name="Error">What went wrong, redacted; null when delivered.</param>
/// <param name="ResponseBody">The first 4 KiB of the answer, redacted.</param>
public sealed record AttemptResult(
    AttemptOutcome Outcome, DateTimeOffset StartedAt, TimeSpan Duration, int? StatusCode, string? Error, string? ResponseBody)
{
    /// <summary>How long the answer asks to wait, by its Retry-After.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
