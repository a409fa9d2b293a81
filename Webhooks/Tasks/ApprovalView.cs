namespace Aspire.Webhooks.Tasks;

/// <summary>A tool call that waits for a person's decision, or did.</summary>
/// <param name="Position">The step of the task that asks.</param>
/// <param name="Arguments">JSON as text: exactly what will be run, redacted.</param>
/// <param name="ArgumentsSha256">The SHA-256 of the tool's name, a line feed and that text, in hex: a decision names it, and is for these alone.</param>
/// <param name="State"><c>pending</c>, <c>granted</c>, <c>refused</c> or <c>expired</c>.</param>
/// <param name="DecidedBy">The token's <c>sub</c>; null when nobody decided.</param>
public sealed record ApprovalView(
    Guid Id,
    Guid TaskId,
    int Position,
    string Tool,
    string Arguments,
    string ArgumentsSha256,
    string State,
    DateTimeOffset RequestedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? DecidedAt,
    string? DecidedBy,
    string? Reason);
