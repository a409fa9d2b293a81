using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Api;

/// <summary>JSON for people who decide by what they see: each name and each text as <see cref="VisibleText"/> has it.</summary>
public static class VisibleJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonElement Of(string json)
    {
        var element = JsonElement.Parse(json);

        // What is hidden stands in it as itself or behind an escape.
        if (ReferenceEquals(VisibleText.Of(json), json) && !json.Contains('\\', StringComparison.Ordinal))
        {
            return element;
        }

        var buffer = new ArrayBufferWriter<byte>(json.Length);
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            Write(element, writer);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Write(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    writer.WritePropertyName(VisibleText.Of(PayloadJson.Name(property)));
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
                writer.WriteStringValue(VisibleText.Of(PayloadJson.Text(element)!));
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
