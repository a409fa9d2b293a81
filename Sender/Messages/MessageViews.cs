using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>A message.</summary>
/// <param name="Id">The id, which receivers get as <c>webhook-id</c>.</param>
public record MessageSummary(string Id, string EventType, DateTimeOffset CreatedAt);

/// <summary>A message with its payload and its deliveries.</summary>
public sealed record MessageDetails : MessageSummary
{
    public MessageDetails(MessageSummary summary)
        : base(summary)
    {
    }

    [JsonPropertyOrder(1)]
    public required string ContentType { get; init; }

    /// <summary>The payload, redacted for display. Receivers get the original.</summary>
    [JsonPropertyOrder(1)]
    public required BodyView Payload { get; init; }

    /// <summary>The W3C trace id that its deliveries continue.</summary>
    [JsonPropertyOrder(1)]
    public required string? TraceId { get; init; }

    /// <summary>A delivery for each endpoint that subscribed to its type, oldest first.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<DeliveryView> Deliveries { get; init; }
}
