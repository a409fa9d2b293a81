using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;
using ModelContextProtocol.Protocol;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>
/// Writes answers as JSON in snake_case, redacted and without null members. Characters that are not seen are spelt out, because
/// people read the answers too.
/// </summary>
internal sealed class RedactedAnswer(Redactor redactor)
{
    private static readonly string[] Identifiers = ["event_type", "delivery_id"];

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string Write(object answer)
    {
        var element = JsonSerializer.SerializeToElement(answer, Json);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = Json.Encoder }))
        {
            Write(writer, element, JsonElement.Parse(RedactedJson.Write(element, redactor)), isIdentifier: false);
        }

        return VisibleJson.Of(Encoding.UTF8.GetString(buffer.WrittenSpan)).GetRawText();
    }

    /// <summary>Returns the texts as separate blocks: ours first, then untrusted ones.</summary>
    public static IEnumerable<ContentBlock> Blocks(params string[] texts) =>
        texts.Select(text => new TextContentBlock { Text = text });

    /// <summary>
    /// Writes an answer with the lease token, the only credential that is not redacted, because the agent has to send it back.
    /// </summary>
    public string Write(object answer, Guid leaseToken)
    {
        var json = JsonNode.Parse(Write(answer))!.AsObject();
        json["lease_token"] = leaseToken;
        return json.ToJsonString(Json);
    }

    // The agent sends identifiers back in filters: what only sounds like a credential (password:reset) stays in them. Redaction
    // keeps the members and the items of JSON in their places.
    private void Write(Utf8JsonWriter writer, JsonElement answer, JsonElement redacted, bool isIdentifier)
    {
        if (answer.ValueKind == JsonValueKind.Object && redacted.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (var (member, shown) in answer.EnumerateObject().Zip(redacted.EnumerateObject()))
            {
                writer.WritePropertyName(shown.Name);
                Write(writer, member.Value, shown.Value, Identifiers.Contains(shown.Name, StringComparer.Ordinal));
            }

            writer.WriteEndObject();
        }
        else if (answer.ValueKind == JsonValueKind.Array && redacted.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var (item, shown) in answer.EnumerateArray().Zip(redacted.EnumerateArray()))
            {
                Write(writer, item, shown, isIdentifier: false);
            }

            writer.WriteEndArray();
        }
        else if (isIdentifier && PayloadJson.Text(answer) is { } text)
        {
            writer.WriteStringValue(redactor.RedactKnown(text));
        }
        else
        {
            redacted.WriteTo(writer);
        }
    }
}
