using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Redaction;

namespace Aspire.Webhooks.Worker.Prompts;

/// <summary>Writes JSON anew without credentials: each string is judged as what it says, not as it is escaped, and by its name.</summary>
public static class RedactedJson
{
    // As text for people and models: "ü" and "<" as themselves.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, NewLine = "\n" };

    public static string Write(JsonElement element, Redactor redactor, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, indented ? Indented : Plain))
        {
            Write(element, "", redactor, writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(JsonElement element, string name, Redactor redactor, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    var own = NameOf(property);
                    writer.WritePropertyName(redactor.Redact(own));
                    Write(property.Value, own, redactor, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, name, redactor, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(redactor.Redact(name, PayloadJson.Text(element) ?? "\uFFFD"));
                break;
            case JsonValueKind.Number when element.GetRawText() is var number && redactor.Redact(name, number) is var redacted && redacted != number:
                writer.WriteStringValue(redacted);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }
}
