using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Aspire.Webhooks.Payloads;

/// <summary>A JSON pointer (RFC 6901), such as <c>/data/items/0/id</c>.</summary>
public sealed class JsonPointer
{
    private readonly string[] _tokens;

    private JsonPointer(string[] tokens) => _tokens = tokens;

    /// <summary>The names and indexes on the way, unescaped.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>Reads the textual form, which begins with a slash; the pointer to the whole document is not taken.</summary>
    /// <exception cref="FormatException">The text does not begin with a slash, or has half of a surrogate pair.</exception>
    public static JsonPointer Parse(string text) => text.StartsWith('/') && IsText(text)
        ? new([.. text[1..].Split('/').Select(Unescape)])
        : throw new FormatException($"'{text}' is no JSON pointer: it begins with a slash.");

    /// <summary>What the pointer refers to; null when that is not there.</summary>
    public JsonElement? Find(JsonElement document)
    {
        var element = document;
        foreach (var token in _tokens)
        {
            if (Step(element, token) is not { } next)
            {
                return null;
            }

            element = next;
        }

        return element;
    }

    /// <inheritdoc />
    public override string ToString() => $"/{string.Join('/', _tokens.Select(Escape))}";

    // Where a half is, the library throws when it compares names.
    private static bool IsText(ReadOnlySpan<char> text)
    {
        while (Rune.DecodeFromUtf16(text, out _, out var length) == OperationStatus.Done)
        {
            text = text[length..];
        }

        return text.IsEmpty;
    }

    private static JsonElement? Step(JsonElement element, string token) => element.ValueKind switch
    {
        JsonValueKind.Object => PayloadJson.Property(element, token),
        JsonValueKind.Array when IsIndex(token, out var index) && index < element.GetArrayLength() => element[index],
        _ => null,
    };

    // RFC 6901, section 4: no sign, no leading zero.
    private static bool IsIndex(string token, out int index)
    {
        index = 0;
        return token.Length is > 0 and < 10 && token.All(char.IsAsciiDigit) && (token.Length == 1 || token[0] != '0')
            && int.TryParse(token, out index);
    }

    // "~01" is "~1": the order matters (RFC 6901, section 4).
    private static string Unescape(string token) =>
        token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static string Escape(string token) =>
        token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
