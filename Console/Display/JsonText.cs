using System.Text;
using System.Text.Json;

namespace Aspire.Webhooks.Console.Display;

/// <summary>What a piece of JSON text is.</summary>
public enum JsonPiece
{
    Mark,
    Name,
    Text,
    Number,
    Word,
}

/// <summary>
/// JSON for people: one member a line. Each name, text and number stands as it was sent, in its order; numbers are not parsed,
/// so that large ones keep their digits.
/// </summary>
public static class JsonText
{
    // What is deeper is not laid out: its indentation would be most of the page.
    private const int MaxDepth = 64;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>Returns the pieces of the layout; null for a text that is not JSON, or is nested too deeply.</summary>
    public static IReadOnlyList<(JsonPiece Kind, string Text)>? Layout(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var pieces = new List<(JsonPiece, string)>();
        var line = new StringBuilder();
        var reader = new Utf8JsonReader(bytes, Options);
        var before = JsonTokenType.None;
        try
        {
            while (reader.Read())
            {
                var depth = reader.CurrentDepth;
                if (before is not (JsonTokenType.None or JsonTokenType.PropertyName))
                {
                    var closes = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                    var opened = before is JsonTokenType.StartObject or JsonTokenType.StartArray;
                    line.Append(closes || opened ? "" : ",");
                    line.Append(closes && opened ? "" : "\n" + new string(' ', 2 * depth));
                }

                var start = (int)reader.TokenStartIndex;
                var raw = Encoding.UTF8.GetString(bytes.AsSpan(start, LengthOf(ref reader)));
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.EndObject or JsonTokenType.StartArray
                        or JsonTokenType.EndArray:
                        line.Append(raw);
                        break;
                    default:
                        Flush();
                        pieces.Add((KindOf(reader.TokenType), raw));
                        line.Append(reader.TokenType == JsonTokenType.PropertyName ? ": " : "");
                        break;
                }

                before = reader.TokenType;
            }
        }
        catch (JsonException)
        {
            return null;
        }

        Flush();
        return pieces;

        void Flush()
        {
            if (line.Length > 0)
            {
                pieces.Add((JsonPiece.Mark, line.ToString()));
                line.Clear();
            }
        }
    }

    /// <summary>Whether a text is JSON that a service takes as a payload, and which.</summary>
    public static JsonElement? Parse(string? text)
    {
        try
        {
            return string.IsNullOrWhiteSpace(text) ? null : JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Strings and names have their quotes, which the span of the value has not.
    private static int LengthOf(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);

    private static JsonPiece KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.PropertyName => JsonPiece.Name,
        JsonTokenType.String => JsonPiece.Text,
        JsonTokenType.Number => JsonPiece.Number,
        _ => JsonPiece.Word,
    };
}
