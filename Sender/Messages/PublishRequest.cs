using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Aspire.Webhooks.Fields;
using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>What to publish.</summary>
/// <param name="MerchantId">Whose endpoints get it. The token says so; a token of an administrator that names no merchant needs it here.</param>
/// <param name="EventType">Its type, one of the catalogue, such as <c>invoice.paid</c>.</param>
/// <param name="Payload">A JSON object or array of at most 256 KiB, sent as it is written here, byte for byte.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PublishRequest(string? MerchantId = null, string? EventType = null, JsonElement Payload = default)
{
    /// <summary>The most bytes of a payload.</summary>
    public const int MaxPayloadBytes = 256 * 1024;

    /// <summary>The most bytes of a request: a payload, and around it names, each character of them escaped, and white space.</summary>
    public const int MaxBodyBytes = MaxPayloadBytes + (16 * 1024);

    public const string KeyHeader = "Idempotency-Key";

    private const int MaxKeyLength = 255;

    /// <summary>The payload's bytes; empty, and an error, when it is none.</summary>
    public byte[] ReadPayload(FieldErrors errors)
    {
        // The parser leaves the bytes inside strings unchecked.
        if (Payload.ValueKind is JsonValueKind.Object or JsonValueKind.Array && JsonMarshal.GetRawUtf8Value(Payload) is var bytes && Utf8.IsValid(bytes))
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
}
