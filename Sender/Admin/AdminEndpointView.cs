using Aspire.Webhooks.Sender.Endpoints;

namespace Aspire.Webhooks.Sender.Admin;

/// <summary>An endpoint as administrators see it: what it is and how it does, not what it was trusted with.</summary>
/// <param name="Url">Redacted: whoever knows the URL of some services may post there.</param>
/// <param name="Events">The types that it gets; empty is every type.</param>
/// <param name="State"><c>active</c> or <c>inactive</c>.</param>
/// <param name="DisabledReason"><c>merchant</c>, <c>failures</c> or <c>gone</c>.</param>
/// <param name="FailedDeliveries">How many deliveries in a row have failed for good.</param>
public sealed record AdminEndpointView(
    Guid Id, string MerchantId, string Url, IReadOnlyList<string> Events, string Description, string State, string? DisabledReason,
    DateTimeOffset? DisabledAt, int FailedDeliveries, CircuitView Circuit, int? RateLimit, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
