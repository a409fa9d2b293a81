using System.Text.Json.Serialization;

namespace Aspire.Webhooks.Messages;

/// <summary>A message for one endpoint, and how its delivery stands.</summary>
/// <param name="Url">
/// The URL of the endpoint as it is now, redacted, with <c>***</c> for its user and its query, since operators see
/// deliveries too.
/// </param>
/// <param name="State">
/// <c>pending</c>, <c>running</c>, <c>delivered</c>, <c>failed</c>, <c>skipped</c> (the endpoint was inactive) or
/// <c>cancelled</c>.
/// </param>
/// <param name="LastError">Why the last attempt failed.</param>
/// <param name="CreatedAt">When the message was published.</param>
/// <param name="NextAttemptAt">When the next attempt is due; null when there is none.</param>
/// <param name="Attempts">The attempts, oldest first.</param>
public sealed record DeliveryView(
    Guid Id,
    string MessageId,
    string EventType,
    Guid EndpointId,
    string Url,
    string State,
    string? LastError,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    IReadOnlyList<AttemptView> Attempts);

/// <summary>One attempt: one POST.</summary>
/// <param name="Run">
/// The number of the delivery's job: 1 for the one that publishing enqueued, one more for each resend and recovery.
/// </param>
/// <param name="Attempt">1 for the first attempt of the job.</param>
/// <param name="Outcome">
/// <c>delivered</c>, <c>http_status</c>, <c>timeout</c>, <c>network</c>, <c>tls</c>, <c>refused</c> or <c>interrupted</c>.
/// </param>
/// <param name="Error">What went wrong, redacted; null when delivered.</param>
public sealed record AttemptView(
    int Run, int Attempt, string Outcome, int? StatusCode, string? Error, int DurationMs, DateTimeOffset StartedAt)
{
    /// <summary>The first 4 KiB of the answer, redacted. It is shown for a single delivery, not in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ResponseBody { get; init; }
}
