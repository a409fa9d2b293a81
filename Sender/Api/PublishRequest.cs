using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Aspire.Webhooks.Api;
using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>A message to publish.</summary>
/// <param name="MerchantId">The merchant whose endpoints receive the message. The default is the merchant of the token. It is
/// required with a token of an administrator without a merchant.</param>
/// <param name="EventType">The type of the message, one of the catalog, such as <c>invoice.paid</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PublishRequest(string? MerchantId = null, string? EventType = null)
{
    /// <summary>The largest size of a payload in bytes.</summary>
    public const int MaxPayloadBytes = 256 * 1024;

    /// <summary>
    /// The largest size of a request in bytes: a payload, white space, and names in which each character is escaped.
    /// </summary>
    public const int MaxBodyBytes = MaxPayloadBytes + (16 * 1024);

    public const string KeyHeader = "Idempotency-Key";

    private const int MaxKeyLength = 255;

    // This is not a parameter of the record, because OpenAPI would show its default value, which is not JSON.
    /// <summary>A JSON object or array of at most 256 KiB. It is sent exactly as it is written here.</summary>
    [JsonConverter(typeof(AsWritten))]
    public JsonElement Payload { get; init; }

    /// <summary>Returns the bytes of the payload; empty, with an error, when it is invalid.</summary>
    public byte[] ReadPayload(FieldErrors errors)
    {
        // The parser does not validate the bytes of strings.
        if (Payload.ValueKind is JsonValueKind.Object or JsonValueKind.Array && JsonMarshal.GetRawUtf8Value(Payload) is var bytes
            && Utf8.IsValid(bytes))
        {
            return bytes.ToArray();
        }

        errors.Add("payload", "payload must be a JSON object or array in UTF-8.");
        return [];
    }

    /// <summary>Returns the idempotency key of the request; null, with an error, when it is invalid; null without one.</summary>
    public static string? ReadKey(StringValues sent, FieldErrors errors)
    {
        if (sent.Count == 0)
        {
            return null;
        }

        if (sent is [{ Length: > 0 and <= MaxKeyLength } key] && key.All(character => character is > ' ' and <= '~'))
        {
            return key;
        }

        errors.Add(KeyHeader, $"{KeyHeader} must have 1 to {MaxKeyLength} visible ASCII characters and be sent once.");
        return null;
    }

    // The content of a payload is not validated. It can even contain a name twice.
    private sealed class AsWritten : JsonConverter<JsonElement>
    {
        public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonElement.ParseValue(ref reader);

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
            value.WriteTo(writer);
    }
}
