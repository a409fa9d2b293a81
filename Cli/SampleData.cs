using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Cli;

/// <summary>What <c>send</c> fills in for the person who calls it.</summary>
internal static class SampleData
{
    /// <summary>An event's type that no provider gives a meaning to.</summary>
    public const string Type = "test";

    /// <summary>A JSON body with id and type in the first place where the scheme looks for them in a body.</summary>
    public static byte[] For(SignatureScheme scheme, string id, string type)
    {
        // A source of phone messages takes nothing else.
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

    /// <summary>JSON's, or a form's for what is no JSON where the provider sends forms.</summary>
    public static string ContentTypeOf(SignatureScheme scheme, byte[] body)
    {
        if ((scheme.BodyFormats & (BodyFormats.Form | BodyFormats.FormPayload)) == BodyFormats.None)
        {
            return "application/json";
        }

        try
        {
            using var json = JsonDocument.Parse(body);
            return "application/json";
        }
        catch (JsonException)
        {
            return "application/x-www-form-urlencoded";
        }
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
