namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>An endpoint as its merchant sees it: never its secrets.</summary>
public record EndpointView
{
    public required Guid Id { get; init; }

    /// <summary>Where messages are POSTed.</summary>
    public required string Url { get; init; }

    /// <summary>The types that it gets; empty is every type.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    public required string Description { get; init; }

    /// <summary>Whether messages are sent to it.</summary>
    public required bool Active { get; init; }

    /// <summary><c>active</c> or <c>inactive</c>.</summary>
    public required string State { get; init; }

    /// <summary>
    /// Why it is inactive: <c>merchant</c>, <c>failures</c> or <c>gone</c> (410). After the latter two an administrator
    /// reactivates it.
    /// </summary>
    public required string? DisabledReason { get; init; }

    public required DateTimeOffset? DisabledAt { get; init; }

    /// <summary><c>v1</c> (HMAC-SHA256) or <c>v1a</c> (Ed25519).</summary>
    public required string Signature { get; init; }

    /// <summary>What verifies v1a signatures: <c>whpk_…</c>. Null for v1.</summary>
    public required string? PublicKey { get; init; }

    /// <summary>What signs now, the newest first.</summary>
    public required IReadOnlyList<SecretView> Secrets { get; init; }

    /// <summary>The names of the headers that are sent beside our own, each with <c>***</c> for its value.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>Attempts per second; null is no limit.</summary>
    public required int? RateLimit { get; init; }

    /// <summary>How many deliveries in a row have failed for good.</summary>
    public required int FailedDeliveries { get; init; }

    /// <summary>Whether attempts wait for it to recover.</summary>
    public required CircuitView Circuit { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What is known of a secret.</summary>
/// <param name="ExpiresAt">Until when it signs; null for the current one.</param>
public sealed record SecretView(DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>An endpoint's circuit.</summary>
/// <param name="FailedAttempts">How many attempts in a row have failed.</param>
/// <param name="HeldUntil">There is no attempt before that; null when attempts are made.</param>
public sealed record CircuitView(int FailedAttempts, DateTimeOffset? HeldUntil);

/// <summary>Whether messages are sent to an endpoint, and why not.</summary>
public static class EndpointStates
{
    public const string Active = "active";
    public const string Inactive = "inactive";

    /// <summary>Its merchant made it inactive, and can make it active again.</summary>
    public const string ByMerchant = "merchant";

    public static IReadOnlyList<string> All { get; } = [Active, Inactive];

    /// <summary>Why an endpoint is inactive: its merchant wanted it, it failed too often, it answered 410.</summary>
    public static IReadOnlyList<string> Reasons { get; } = [ByMerchant, EndpointDeactivation.Failures, EndpointDeactivation.Gone];

    public static string Of(bool active) => active ? Active : Inactive;
}
