using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>A created endpoint with its secret.</summary>
public sealed record CreatedEndpointView : EndpointView
{
    [SetsRequiredMembers]
    public CreatedEndpointView(EndpointView endpoint, string? secret, PingView ping)
        : base(endpoint)
    {
        Secret = secret;
        Ping = ping;
    }

    /// <summary>
    /// The secret that verifies deliveries, <c>whsec_…</c>. It is not shown again. Null for v1a, which has a public_key.
    /// </summary>
    [JsonPropertyOrder(1)]
    public string? Secret { get; }

    /// <summary>The result of the ping that tested the endpoint.</summary>
    [JsonPropertyOrder(1)]
    public PingView Ping { get; }
}

/// <summary>A new secret.</summary>
/// <param name="Signature"><c>v1</c> or <c>v1a</c>.</param>
/// <param name="Secret">The new secret, <c>whsec_…</c>. It is not shown again. Null for v1a.</param>
/// <param name="PublicKey">The key that verifies v1a signatures, <c>whpk_…</c>. Null for v1.</param>
/// <param name="OthersExpireAt">The time until which the previous secrets sign, at the latest.</param>
public sealed record RotatedSecretView(string Signature, string? Secret, string? PublicKey, DateTimeOffset OthersExpireAt);
