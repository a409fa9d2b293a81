using System.Text.Json;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Listeners;

/// <summary>A verified inbound delivery. Verified says who sent it, not that its text can be trusted.</summary>
/// <param name="Id">Ours.</param>
/// <param name="Source">The configured source that it came from.</param>
/// <param name="DeliveryId">The provider's id of it.</param>
/// <param name="EventType">The provider's type, such as <c>push</c>.</param>
/// <param name="ContentType">Of <paramref name="Body"/>, as sent.</param>
/// <param name="Headers">The allow-listed headers.</param>
/// <param name="Body">The bytes that were signed; inflated, if they came compressed.</param>
public sealed record WebhookEvent(
    Guid Id,
    string Source,
    string DeliveryId,
    string EventType,
    string ContentType,
    IReadOnlyDictionary<string, string> Headers,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>The body as JSON; of a form, see <see cref="PayloadParser.TryParse"/>. The caller disposes it.</summary>
    /// <exception cref="JsonException">The body is neither.</exception>
    public JsonDocument ParseJson() =>
        PayloadParser.TryParse(BodyFormat.Of(ContentType), Body)
            ?? throw new JsonException($"The body of event {Id} is not {ContentType}.");
}
