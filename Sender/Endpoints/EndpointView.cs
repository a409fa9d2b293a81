namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>An endpoint as its merchant sees it, without its secrets.</summary>
public record EndpointView
{
    public required Guid Id { get; init; }

    /// <summary>The URL that messages are POSTed to.</summary>
    public required string Url { get; init; }

    /// <summary>The types that it receives. An empty list means every type.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    public required string Description { get; init; }

    /// <summary>Whether messages are sent to it.</summary>
    public required bool Active { get; init; }

    /// <summary><c>active</c> or <c>inactive</c>.</summary>
    public required string State { get; init; }

    /// <summary>
    /// The reason why it is inactive: <c>merchant</c>, <c>failures</c> or <c>gone</c> (410). After the latter two, only an
    /// administrator can reactivate it.
    /// </summary>
    public required string? DisabledReason { get; init; }

    public required DateTimeOffset? DisabledAt { get; init; }

    /// <summary><c>v1</c> (HMAC-SHA256) or <c>v1a</c> (Ed25519).</summary>
    public required string Signature { get; init; }

    /// <summary>The key that verifies v1a signatures, <c>whpk_…</c>; null for v1.</summary>
    public required string? PublicKey { get; init; }

    /// <summary>The secrets that sign now, newest first.</summary>
    public required IReadOnlyList<SecretView> Secrets { get; init; }

    /// <summary>The custom headers, each with <c>***</c> as its value.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The largest number of attempts per second; null for no limit.</summary>
    public required int? RateLimit { get; init; }

    /// <summary>The number of consecutive deliveries that have failed after all their attempts.</summary>
    public required int FailedDeliveries { get; init; }

    /// <summary>The circuit breaker of the endpoint.</summary>
    public required CircuitView Circuit { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A secret of an endpoint, without its value.</summary>
/// <param name="ExpiresAt">The time until which it signs; null for the current one.</param>
public sealed record SecretView(DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>The state of an endpoint's circuit breaker.</summary>
/// <param name="FailedAttempts">The number of consecutive failed attempts.</param>
/// <param name="HeldUntil">The time before which no attempt is made; null when the circuit is closed.</param>
public sealed record CircuitView(int FailedAttempts, DateTimeOffset? HeldUntil);

/// <summary>The states of endpoints, and the reasons why they are inactive.</summary>
public static class EndpointStates
{
    public const string Active = "active";
    public const string Inactive = "inactive";

    /// <summary>The merchant disabled the endpoint and can enable it again.</summary>
    public const string ByMerchant = "merchant";

    public static IReadOnlyList<string> All { get; } = [Active, Inactive];

    /// <summary>The reasons: the merchant disabled the endpoint, it failed too often, or it answered 410.</summary>
    public static IReadOnlyList<string> Reasons { get; } = [ByMerchant, EndpointDeactivation.Failures, EndpointDeactivation.Gone];

    public static string Of(bool active) => active ? Active : Inactive;
}
