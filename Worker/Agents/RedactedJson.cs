using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Writes JSON without credentials. Each string is checked in its unescaped form and together with its name.
/// </summary>
public static class RedactedJson
{
    // Characters such as "ü" and "<" are not escaped, because people and models read the text.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true, NewLine = "\n" };

    /// <summary>Writes redacted JSON.</summary>
    public static string Write(JsonElement element, Redactor redactor, bool indented = false)
    {
        var json = Text(element, indented ? Indented : Plain);
        var redacted = redactor.Redact(json);
        return ReferenceEquals(redacted, json) || IsJson(redacted) ? redacted : $"\"{Redactor.Replacement}\"";
    }

    /// <summary>Writes JSON that is already redacted, indented.</summary>
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

    // Writes the element unchanged, except for halves of surrogate pairs, which are not text.
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

    // A configured secret that contains JSON can span several strings. The rest is not JSON then.
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
