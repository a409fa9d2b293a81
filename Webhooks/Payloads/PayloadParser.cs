using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.Payloads;

/// <summary>Parses bodies of every supported format into JSON.</summary>
public static class PayloadParser
{
    private const int MaxFields = 1024;
    private const int MaxNameLength = 2048;

    /// <summary>
    /// Parses a body. A form becomes an object of its fields: a field that occurs once is a string, one that occurs several
    /// times an array. A form whose only field is <c>payload</c> becomes the JSON in that field, as GitHub and Slack send it.
    /// </summary>
    /// <returns>The document, which the caller disposes; null when the body is not UTF-8 or does not have the format.</returns>
    public static JsonDocument? TryParse(BodyFormats format, ReadOnlyMemory<byte> body)
    {
        // The JSON parser does not validate UTF-8 inside strings, so reading such a string later would throw.
        if (!Utf8.IsValid(body.Span))
        {
            return null;
        }

        try
        {
            return format switch
            {
                BodyFormats.Json or BodyFormats.Text => JsonDocument.Parse(body),
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
