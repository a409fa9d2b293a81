namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>The outcome of a POST.</summary>
public enum AttemptOutcome
{
    /// <summary>The answer was a 2xx.</summary>
    Delivered,

    /// <summary>The answer had any other status, including redirects, whether or not its body was complete.</summary>
    HttpStatus,

    /// <summary>There was no answer in time, or a 2xx was not complete in time.</summary>
    Timeout,

    /// <summary>The name did not resolve, the connection failed or broke, or the answer was not HTTP.</summary>
    Network,

    /// <summary>The certificate was invalid or the TLS handshake failed.</summary>
    Tls,

    /// <summary>The egress guard refused the URL; nothing was sent.</summary>
    Refused,

    /// <summary>The attempt was cancelled because the process stops; it may have arrived.</summary>
    Interrupted,
}

public static class AttemptOutcomes
{
    /// <summary>Returns the name of the outcome in the table <c>delivery_attempts</c>.</summary>
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

/// <summary>The result of a POST, for the attempt log.</summary>
/// <param name="Duration">The time from the check of the URL until the end of reading the answer, or until the failure.</param>
/// <param name="StatusCode">The status of the answer; null without an answer or for an incomplete 2xx, which the error
/// mentions.</param>
/// <param name="Error">The error, redacted; null when delivered.</param>
/// <param name="ResponseBody">The first 4 KiB of the answer, redacted. For a body that is not text, its type in parentheses.
/// Null when it is empty.</param>
public sealed record AttemptResult(
    AttemptOutcome Outcome, DateTimeOffset StartedAt, TimeSpan Duration, int? StatusCode, string? Error, string? ResponseBody)
{
    /// <summary>The wait that the answer's Retry-After requests, whatever its status.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
