using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.Payloads;

/// <summary>Reads bodies as one kind of document, JSON, whatever their format.</summary>
public static class PayloadParser
{
    private const int MaxFields = 1024;
    private const int MaxNameLength = 2048;

    /// <summary>
    /// The body as JSON. A form is the object of its fields: a field sent once is a string, one sent several times an array.
    /// A form whose only field is <c>payload</c> holds the JSON itself, as GitHub and Slack send it.
    /// </summary>
    /// <returns>Null when the body is not UTF-8 or not of that format. The caller disposes the document.</returns>
    public static JsonDocument? TryParse(BodyFormats format, ReadOnlyMemory<byte> body)
    {
        // The parser leaves the bytes inside strings unchecked, and whoever reads such a string later would fail on it.
        if (!Utf8.IsValid(body.Span))
        {
            return null;
        }

        try
        {
            return format switch
            {
                BodyFormats.Json => JsonDocument.Parse(body),
                BodyFormats.Form or BodyFormats.FormPayload =>
                    Form(Encoding.UTF8.GetString(body.Span), format == BodyFormats.FormPayload),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            return null;
        }
    }

    private static JsonDocument? Form(string body, bool onlyPayload)
    {
        var reader = new FormReader(body)
        {
            ValueCountLimit = MaxFields, KeyLengthLimit = MaxNameLength, ValueLengthLimit = int.MaxValue,
        };
        var fields = reader.ReadForm();
        if (fields.Count == 1 && fields.TryGetValue("payload", out var payload) && payload is [{ } json])
        {
            return JsonDocument.Parse(json);
        }

        if (onlyPayload)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>(body.Length + 16);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, values) in fields)
            {
                writer.WritePropertyName(name);
                Write(writer, values);
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter writer, StringValues values)
    {
        if (values is [var only])
        {
            writer.WriteStringValue(only);
            return;
        }

        writer.WriteStartArray();
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
