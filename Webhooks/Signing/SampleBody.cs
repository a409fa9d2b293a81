using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Cli;

/// <summary>Default values of <c>send</c>.</summary>
internal static class SampleData
{
    /// <summary>An event type without a meaning for any provider.</summary>
    public const string Type = "test";

    /// <summary>Creates a JSON body with id and type in the first body field where the scheme looks for each.</summary>
    public static byte[] For(SignatureScheme scheme, string id, string type)
    {
        // A source of phone messages accepts no other body.
        JsonNode body = scheme == SignatureSchemes.ByName["messages"]
            ? new JsonObject
            {
                ["from"] = "+14155550100", ["to"] = "+14155550101", ["ts"] = "2025-01-15T10:00:00Z", ["text"] = "Hello",
            }
            : scheme.EventType.FirstPointers.Concat(scheme.DeliveryId.FirstPointers).Any(pointer => pointer.Tokens[0] == "0")
                ? new JsonArray()
                : new JsonObject { ["data"] = new JsonObject() };
        foreach (var pointer in scheme.DeliveryId.FirstPointers)
        {
            body = pointer.Put(body, id);
        }

        foreach (var pointer in scheme.EventType.FirstPointers)
        {
            body = pointer.Put(body, type);
        }

        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    /// <summary>
    /// Returns the media type of JSON, or that of a form when the body is not JSON and the provider sends forms.
    /// </summary>
    public static string ContentTypeOf(SignatureScheme scheme, byte[] body)
    {
        if ((scheme.BodyFormats & (BodyFormats.Form | BodyFormats.FormPayload)) == BodyFormats.None)
        {
            return "application/json";
        }

        using var json = PayloadParser.TryParse(BodyFormats.Json, body);
        return json is null ? "application/x-www-form-urlencoded" : "application/json";
    }
}
