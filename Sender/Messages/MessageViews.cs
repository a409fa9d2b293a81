using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>A message.</summary>
/// <param name="Id">Receivers see it as <c>webhook-id</c>.</param>
public record MessageSummary(string Id, string EventType, DateTimeOffset CreatedAt);

/// <summary>A message with what it brings and where it went.</summary>
public sealed record MessageDetails : MessageSummary
{
    public MessageDetails(MessageSummary summary)
        : base(summary)
    {
    }

    [JsonPropertyOrder(1)]
    public required string ContentType { get; init; }

    /// <summary>What is sent, with credentials taken out of what is shown here.</summary>
    [JsonPropertyOrder(1)]
    public required BodyView Payload { get; init; }

    /// <summary>The W3C trace that its deliveries continue.</summary>
    [JsonPropertyOrder(1)]
    public required string? TraceId { get; init; }

    /// <summary>One per endpoint that wanted its type, oldest first.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<DeliveryView> Deliveries { get; init; }
}
