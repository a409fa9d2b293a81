using System.Text.Json;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Listeners;

/// <summary>A verified inbound delivery. The signature proves who sent it, not that its content is safe.</summary>
/// <param name="Id">Our id of the event.</param>
/// <param name="Source">The configured source that received it.</param>
/// <param name="DeliveryId">The provider's id of the delivery.</param>
/// <param name="EventType">The provider's type, such as <c>push</c>.</param>
/// <param name="ContentType">The media type of <paramref name="Body"/>, as sent.</param>
/// <param name="Headers">The request headers that the source's allow list stores.</param>
/// <param name="Body">The signed bytes, decompressed if they were sent compressed.</param>
public sealed record WebhookEvent(
    Guid Id,
    string Source,
    string DeliveryId,
    string EventType,
    string ContentType,
    IReadOnlyDictionary<string, string> Headers,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>
    /// Parses the body as JSON. <see cref="PayloadParser.TryParse"/> describes how a form becomes JSON. The caller disposes the
    /// document.
    /// </summary>
    /// <exception cref="JsonException">The body is neither JSON nor a form.</exception>
    public JsonDocument ParseJson() =>
        PayloadParser.TryParse(BodyFormat.Of(ContentType), Body)
            ?? throw new JsonException($"The body of event {Id} is not {ContentType}.");
}
