using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Payloads;

/// <summary>Parses bodies of every supported format into JSON.</summary>
public static class PayloadParser
{
    private const int MaxFields = 1024;
    private const int MaxNameLength = 2048;

    /// <summary>
    /// Parses a body. A form becomes an object of its fields: a field that occurs once is a string, one that occurs several
    /// times an array. A form whose only field is <c>payload</c> becomes the JSON in that field, as GitHub and Slack send it.
    /// A byte order mark is skipped, and lone surrogates become U+FFFD (<see cref="WellFormedJson"/>).
    /// </summary>
    /// <returns>The document, which the caller disposes; null when the body is not UTF-8 or does not have the format.</returns>
    public static JsonDocument? TryParse(BodyFormats format, ReadOnlyMemory<byte> body)
    {
        // The JSON parser does not validate UTF-8 inside strings, so reading such a string later would throw.
        if (!Utf8.IsValid(body.Span))
        {
            return null;
        }

        body = ByteOrderMark.Skip(body);
        try
        {
            return format switch
            {
                BodyFormats.Json or BodyFormats.Text => Json(body),
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

    /// <summary>
    /// Returns why <see cref="TryParse"/> cannot parse a body, as a sentence without any byte of it, such as <c>The body is not
    /// valid JSON (line 2, position 14).</c>
    /// </summary>
    public static string Error(BodyFormats format, ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return "The body is not valid UTF-8.";
        }

        if (format == BodyFormats.FormPayload)
        {
            return "The body is not a form with JSON in its only field, payload.";
        }

        if (format != BodyFormats.Json)
        {
            return "The body is not a valid form.";
        }

        try
        {
            using var document = Json(ByteOrderMark.Skip(body));
            return "The body is not valid JSON.";
        }
        catch (JsonException exception)
        {
            return body.IsEmpty ? "The body is empty." : $"The body is not valid JSON{Place(exception)}.";
        }
    }

    /// <summary>Returns where JSON is invalid, as <c> (line 1, position 1)</c>; empty when the exception does not say.</summary>
    public static string Place(JsonException exception) => exception is { LineNumber: { } line, BytePositionInLine: { } at }
        ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, position {at + 1})")
        : "";

    private static JsonDocument Json(ReadOnlyMemory<byte> json) => JsonDocument.Parse(WellFormedJson.Of(json));

    private static JsonDocument? Form(string body, bool onlyPayload)
    {
        var fields = Fields(body);
        if (fields is [("payload", [var json])])
        {
            return Json(ByteOrderMark.Skip(Encoding.UTF8.GetBytes(json)));
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

    // WHATWG, "application/x-www-form-urlencoded parsing". The framework's own reader takes fields whose names differ in case for
    // one.
    private static List<(string Name, List<string> Values)> Fields(string body)
    {
        var fields = new List<(string Name, List<string> Values)>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var count = 0;
        for (int at = 0, end; at < body.Length; at = end + 1)
        {
            end = body.IndexOf('&', at) is >= 0 and var next ? next : body.Length;
            if (end == at)
            {
                continue;
            }

            var equals = body.IndexOf('=', at, end - at) is >= 0 and var found ? found : end;
            if (++count > MaxFields || equals - at > MaxNameLength)
            {
                throw new InvalidDataException("The form has too many fields or too long names.");
            }

            var (name, value) = (Decode(body[at..equals]), equals == end ? "" : Decode(body[(equals + 1)..end]));
            if (places.TryAdd(name, fields.Count))
            {
                fields.Add((name, [value]));
            }
            else
            {
                fields[places[name]].Values.Add(value);
            }
        }

        return fields;
    }

    // Escapes that are not UTF-8 remain escaped.
    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static void Write(Utf8JsonWriter writer, List<string> values)
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
