using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Writes JSON anew without credentials: each string is judged as what it says, not as it is escaped, and by its name.
/// </summary>
public static class RedactedJson
{
    // As text for people and models: "ü" and "<" as themselves.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true, NewLine = "\n" };

    public static string Write(JsonElement element, Redactor redactor, bool indented = false)
    {
        var json = Text(element, indented ? Indented : Plain);
        var redacted = redactor.Redact(json);
        return ReferenceEquals(redacted, json) || IsJson(redacted) ? redacted : $"\"{Redactor.Replacement}\"";
    }

    /// <summary>Writes JSON that has no credentials any more for a reader.</summary>
    public static string Indent(JsonElement element) => Text(element, Indented);

    private static string Text(JsonElement element, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            Write(element, writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    // As it is, but for what is no text: halves of surrogate pairs.
    private static void Write(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    writer.WritePropertyName(PayloadJson.Name(property));
                    Write(property.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(PayloadJson.Text(element));
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    // A configured secret that is JSON itself can lie across several strings; what is left around it is none.
    private static bool IsJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
