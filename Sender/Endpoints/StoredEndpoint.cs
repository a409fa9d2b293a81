using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Where a delivery goes.</summary>
/// <param name="Secrets">Those that sign now, the newest first.</param>
/// <param name="Headers">What the merchant wants sent beside our own.</param>
public sealed record StoredEndpoint(
    Guid Id, Uri Url, IReadOnlyList<Secret> Secrets, IReadOnlyDictionary<string, Secret> Headers, bool Active = true)
{
    /// <summary>Attempts per second; null for no limit.</summary>
    public int? RateLimit { get; init; }

    /// <summary>How its circuit stands.</summary>
    public CircuitState Circuit { get; init; } = new(0, 0);
}

/// <summary>How an endpoint has been doing, when a delivery was loaded.</summary>
/// <param name="FailedAttempts">In a row.</param>
/// <param name="FailedDeliveries">In a row, all their attempts used up.</param>
public sealed record CircuitState(int FailedAttempts, int FailedDeliveries)
{
    /// <summary>Whether a success has something to make good.</summary>
    public bool HasFailed => FailedAttempts > 0 || FailedDeliveries > 0;
}
