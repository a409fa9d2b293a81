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
        var body = scheme == SignatureSchemes.ByName["messages"]
            ? new JsonObject
            {
                ["from"] = "+14155550100", ["to"] = "+14155550101", ["ts"] = "2025-01-15T10:00:00Z", ["text"] = "Hello",
            }
            : new JsonObject { ["data"] = new JsonObject() };
        Put(body, scheme.EventType.Pointers.FirstOrDefault(), type);
        Put(body, scheme.DeliveryId.Pointers.FirstOrDefault(), id);
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

    private static void Put(JsonObject body, JsonPointer? place, string value)
    {
        if (place is null)
        {
            return;
        }

        foreach (var token in place.Tokens.SkipLast(1))
        {
            body = (JsonObject)(body[token] ??= new JsonObject());
        }

        body[place.Tokens[^1]] = value;
    }
}
