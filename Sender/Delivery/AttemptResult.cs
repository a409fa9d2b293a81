namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>How one POST ended.</summary>
public enum AttemptOutcome
{
    /// <summary>A 2xx answer.</summary>
    Delivered,

    /// <summary>Any other answer, redirects included, whether or not its body came to the end.</summary>
    HttpStatus,

    /// <summary>No answer in time, or a 2xx that did not come to its end in time.</summary>
    Timeout,

    /// <summary>No address, no connection, one that broke, or an answer that is no HTTP.</summary>
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
/// <param name="Duration">From the first look at the URL until the answer was read as far as it is, or until it was given
/// up.</param>
/// <param name="StatusCode">That of an answer; null where there is none or a 2xx broke off, which its error tells.</param>
/// <param name="Error">What went wrong, redacted; null when delivered.</param>
/// <param name="ResponseBody">
/// The first 4 KiB of the answer, redacted; of one that is no text, what it is, in parentheses. Null when it is empty.
/// </param>
public sealed record AttemptResult(
    AttemptOutcome Outcome, DateTimeOffset StartedAt, TimeSpan Duration, int? StatusCode, string? Error, string? ResponseBody)
{
    /// <summary>How long the answer asks to wait, by its Retry-After, whatever its status.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
