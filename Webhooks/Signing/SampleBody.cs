using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Signing;

/// <summary>Small bodies of test events.</summary>
public static class SampleBody
{
    /// <summary>An event type without a meaning for any provider.</summary>
    public const string Type = "test";

    /// <summary>Creates a JSON body with id and type in the first body field where the scheme looks for each.</summary>
    /// <param name="isPhoneMessage">Whether the receiver accepts phone messages only.</param>
    public static byte[] For(SignatureScheme scheme, string id, string type, bool isPhoneMessage)
    {
        List<JsonPointer> idAt = [.. scheme.DeliveryId.FirstPointers], typeAt = [.. scheme.EventType.FirstPointers];
        var isArray = idAt.Concat(typeAt).Any(pointer => pointer.Tokens[0] == "0");
        if (idAt.Count == 0 && !scheme.DeliveryId.FirstHeaders.Any() && !isPhoneMessage)
        {
            // Its digest is the id, so that two bodies must differ.
            idAt = [JsonPointer.Parse(isArray ? "/0/id" : "/data/id")];
        }

        JsonNode body = isPhoneMessage
            ? new JsonObject
            {
                ["from"] = "+14155550100", ["to"] = "+14155550101", ["ts"] = "2025-01-15T10:00:00Z", ["text"] = "Hello",
            }
            : isArray ? new JsonArray() : new JsonObject { ["data"] = new JsonObject() };
        foreach (var pointer in idAt)
        {
            body = pointer.Put(body, id);
        }

        foreach (var pointer in typeAt)
        {
            body = pointer.Put(body, type);
        }

        return JsonSerializer.SerializeToUtf8Bytes(body);
    }
}
