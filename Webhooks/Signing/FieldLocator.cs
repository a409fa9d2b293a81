using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// Where a request carries a field: <c>header:X-GitHub-Delivery</c>, or <c>body:/data/id</c> with a JSON pointer
/// (RFC 6901) into the body.
/// </summary>
public sealed record FieldLocator
{
    private FieldLocator()
    {
    }

    /// <summary>The header's name; null when the field is in the body.</summary>
    public string? Header { get; private init; }

    /// <summary>The pointer's unescaped reference tokens; null when the field is in a header.</summary>
    public IReadOnlyList<string>? Pointer { get; private init; }

    /// <summary>Reads the textual form.</summary>
    /// <exception cref="FormatException">Neither a header nor a JSON pointer.</exception>
    public static FieldLocator Parse(string text)
    {
        if (text.StartsWith("header:", StringComparison.Ordinal) && text.Length > "header:".Length)
        {
            return new() { Header = text["header:".Length..] };
        }

        if (text.StartsWith("body:/", StringComparison.Ordinal))
        {
            return new() { Pointer = [.. text["body:/".Length..].Split('/').Select(Unescape)] };
        }

        throw new FormatException($"'{text}' is neither 'header:NAME' nor 'body:/JSON/POINTER'.");
    }

    /// <summary>The field's value; null when it is absent, empty, sent twice, or no string, number or boolean.</summary>
    public string? Find(IHeaderDictionary headers, JsonElement? body)
    {
        if (Header is not null)
        {
            return headers.TryGetValue(Header, out var values) && values is [{ Length: > 0 } value] ? value : null;
        }

        if (body is not { } element)
        {
            return null;
        }

        foreach (var token in Pointer!)
        {
            if (Step(element, token) is not { } next)
            {
                return null;
            }

            element = next;
        }

        var found = element.ValueKind switch
        {
            JsonValueKind.String => PayloadJson.Text(element),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => element.GetRawText(),
            _ => null,
        };
        return string.IsNullOrEmpty(found) ? null : found;
    }

    /// <inheritdoc />
    public override string ToString() =>
        Header is not null ? $"header:{Header}" : $"body:/{string.Join('/', Pointer!.Select(Escape))}";

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
