using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aspire.Webhooks.Payloads;

/// <summary>A JSON pointer (RFC 6901), such as <c>/data/items/0/id</c>.</summary>
public sealed class JsonPointer
{
    private readonly string[] _tokens;

    private JsonPointer(string[] tokens) => _tokens = tokens;

    /// <summary>The reference tokens of the pointer, unescaped.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>
    /// Parses a pointer, which begins with a slash. The empty pointer, to the whole document, is not supported.
    /// </summary>
    /// <exception cref="FormatException">The text does not begin with a slash, or contains an unpaired surrogate.</exception>
    public static JsonPointer Parse(string text) => text.StartsWith('/') && IsText(text)
        ? new([.. text[1..].Split('/').Select(Unescape)])
        : throw new FormatException($"'{text}' is no JSON pointer: it begins with a slash.");

    /// <summary>Returns the value that the pointer refers to; null when the document has none.</summary>
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

    /// <summary>
    /// Sets the value that the pointer refers to, and returns the document. Objects and arrays on the way are created. A value
    /// of another kind on the way is replaced.
    /// </summary>
    public JsonNode Put(JsonNode? document, JsonNode value) => Put(document, 0, value);

    /// <inheritdoc />
    public override string ToString() => $"/{string.Join('/', _tokens.Select(Escape))}";

    private JsonNode Put(JsonNode? node, int depth, JsonNode value)
    {
        if (depth == _tokens.Length)
        {
            return value;
        }

        var token = _tokens[depth];
        if (node is JsonArray || (node is not JsonObject && token == "0"))
        {
            var array = node as JsonArray ?? [];
            if (!IsIndex(token, out var index) || index >= array.Count)
            {
                array.Add(Put(null, depth + 1, value));
            }
            else if (Put(array[index], depth + 1, value) is var item && !ReferenceEquals(item, array[index]))
            {
                array[index] = item;
            }

            return array;
        }

        var parent = node as JsonObject ?? [];
        if (Put(parent[token], depth + 1, value) is var member && !ReferenceEquals(member, parent[token]))
        {
            parent[token] = member;
        }

        return parent;
    }

    // System.Text.Json throws when it compares a property name with an unpaired surrogate.
    private static bool IsText(ReadOnlySpan<char> text)
    {
        while (Rune.DecodeFromUtf16(text, out _, out var length) == OperationStatus.Done)
        {
            text = text[length..];
        }

        return text.IsEmpty;
    }

    /// <summary>Returns the member or item that one token refers to; null when there is none.</summary>
    internal static JsonElement? Step(JsonElement element, string token) => element.ValueKind switch
    {
        JsonValueKind.Object => PayloadJson.Property(element, token),
        JsonValueKind.Array when IsIndex(token, out var index) && index < element.GetArrayLength() => element[index],
        _ => null,
    };

    // An array index has no sign and no leading zero (RFC 6901, section 4).
    private static bool IsIndex(string token, out int index)
    {
        index = 0;
        return token.Length is > 0 and < 10 && token.All(char.IsAsciiDigit) && (token.Length == 1 || token[0] != '0')
            && int.TryParse(token, out index);
    }

    // The order matters: "~01" must become "~1" (RFC 6901, section 4).
    private static string Unescape(string token) =>
        token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static string Escape(string token) =>
        token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
