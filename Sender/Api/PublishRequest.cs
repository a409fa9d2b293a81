using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Aspire.Webhooks.Api;
using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>What to publish.</summary>
/// <param name="MerchantId">Whose endpoints get it. The token says so; a token of an administrator that names no merchant
/// needs it here.</param>
/// <param name="EventType">Its type, one of the catalogue, such as <c>invoice.paid</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PublishRequest(string? MerchantId = null, string? EventType = null)
{
    /// <summary>The most bytes of a payload.</summary>
    public const int MaxPayloadBytes = 256 * 1024;

    /// <summary>
    /// The most bytes of a request: a payload, and around it names, each character of them escaped, and white space.
    /// </summary>
    public const int MaxBodyBytes = MaxPayloadBytes + (16 * 1024);

    public const string KeyHeader = "Idempotency-Key";

    private const int MaxKeyLength = 255;

    // No parameter: OpenAPI would have to show its default value, which is no JSON.
    /// <summary>A JSON object or array of at most 256 KiB, sent as it is written here, byte for byte.</summary>
    [JsonConverter(typeof(AsWritten))]
    public JsonElement Payload { get; init; }

    /// <summary>The payload's bytes; empty, and an error, when it is none.</summary>
    public byte[] ReadPayload(FieldErrors errors)
    {
        // The parser leaves the bytes inside strings unchecked.
        if (Payload.ValueKind is JsonValueKind.Object or JsonValueKind.Array && JsonMarshal.GetRawUtf8Value(Payload) is var bytes
            && Utf8.IsValid(bytes))
        {
            return bytes.ToArray();
        }

        errors.Add("payload", "payload is a JSON object or array, in UTF-8.");
        return [];
    }

    /// <summary>The caller's idempotency key; null without one.</summary>
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

        errors.Add(KeyHeader, $"{KeyHeader} has 1 to {MaxKeyLength} visible ASCII characters and is sent once.");
        return null;
    }

    // What is in a payload is between sender and receiver, also a name that is there twice.
    private sealed class AsWritten : JsonConverter<JsonElement>
    {
        public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonElement.ParseValue(ref reader);

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
            value.WriteTo(writer);
    }
}
