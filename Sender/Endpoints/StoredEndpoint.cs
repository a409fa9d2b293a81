using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>An endpoint as a delivery uses it, decrypted.</summary>
/// <param name="Secrets">The secrets that sign now, newest first.</param>
/// <param name="Headers">The custom headers of the merchant.</param>
public sealed record StoredEndpoint(
    Guid Id, Uri Url, IReadOnlyList<Secret> Secrets, IReadOnlyDictionary<string, Secret> Headers, bool Active = true)
{
    /// <summary>The largest number of attempts per second; null for no limit.</summary>
    public int? RateLimit { get; init; }

    /// <summary>The counts of failures when the delivery was loaded.</summary>
    public CircuitState Circuit { get; init; } = new(0, 0);
}

/// <summary>The counts of an endpoint's failures when a delivery was loaded.</summary>
/// <param name="FailedAttempts">The number of consecutive failed attempts.</param>
/// <param name="FailedDeliveries">The number of consecutive deliveries that have failed after all their attempts.</param>
public sealed record CircuitState(int FailedAttempts, int FailedDeliveries)
{
    /// <summary>Whether a success must reset the counts.</summary>
    public bool HasFailed => FailedAttempts > 0 || FailedDeliveries > 0;
}
