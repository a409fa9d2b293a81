using System.Text;
using System.Text.Json;

namespace Aspire.Webhooks.Console.Display;

/// <summary>The kind of a piece of JSON text.</summary>
public enum JsonPiece
{
    Punctuation,
    Name,
    String,
    Number,
    Literal,
}

/// <summary>
/// Formats JSON with one member a line. Names, strings and numbers are copied from the text, so they keep their order and large
/// numbers keep their digits.
/// </summary>
public static class JsonText
{
    // Deeper text is not formatted: its indentation would be most of the page.
    private const int MaxDepth = 64;

    // Usual JSON grows to less than three times its size. A long array at a great depth would grow to more than sixty times.
    private const int MaxGrowth = 8;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>Returns the pieces of the formatted text; null if it is not JSON or would grow too much.</summary>
    public static IReadOnlyList<(JsonPiece Kind, string Text)>? Format(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var pieces = new List<(JsonPiece, string)>();
        var line = new StringBuilder();
        var length = 0L;
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
                    length += 2 * depth;
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
                if (length > MaxGrowth * (long)json.Length)
                {
                    return null;
                }
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
                pieces.Add((JsonPiece.Punctuation, line.ToString()));
                line.Clear();
            }
        }
    }

    /// <summary>Parses a payload that somebody wrote into a form; null if it is not JSON.</summary>
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

    // The span of a string or name does not include its quotes.
    private static int LengthOf(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);

    private static JsonPiece KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.PropertyName => JsonPiece.Name,
        JsonTokenType.String => JsonPiece.String,
        JsonTokenType.Number => JsonPiece.Number,
        _ => JsonPiece.Literal,
    };
}
