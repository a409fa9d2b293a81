using System.Buffers;
using System.Globalization;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>
/// What a text says when one layer of its escapes is undone, and where each character stood: JSON's, URLs' and HTML's.
/// </summary>
internal readonly struct DecodedText : IDisposable
{
    private static readonly SearchValues<char> Signs = SearchValues.Create("\\%&");

    private static readonly (string Entity, char Character)[] Entities =
        [("&quot;", '"'), ("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&apos;", '\'')];

    private readonly char[] _characters;
    private readonly int _length;

    // Behind each escape: where the text goes on, decoded and as it was.
    private readonly int[] _places;
    private readonly int[] _origins;
    private readonly int _escapes;

    private DecodedText(char[] characters, int length, int[] places, int[] origins, int escapes) =>
        (_characters, _length, _places, _origins, _escapes) = (characters, length, places, origins, escapes);

    public ReadOnlySpan<char> Span => _characters.AsSpan(0, _length);

    /// <summary>Where in the escaped text the character at a place begins; for the end, where it ends.</summary>
    public int OriginOf(int at)
    {
        var index = Array.BinarySearch(_places, 0, _escapes, at);
        index = index >= 0 ? index : ~index - 1;
        return index < 0 ? at : _origins[index] + at - _places[index];
    }

    /// <summary>
    /// Whether escapes may hide a word: others stand for the signs between words, and leave the words as they are.
    /// </summary>
    public static bool MayHide(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAny(Signs); at >= 0;)
        {
            if (text[at] != '\\')
            {
                if (CharacterAt(text, at, isJson: false).Length > 0)
                {
                    return true;
                }

                at++;
            }
            else
            {
                while (at < text.Length && text[at] == '\\')
                {
                    at++;
                }

                if (text.CharacterAt(at) is 'u' or 'x' or '/')
                {
                    return true;
                }
            }

            at = at < text.Length && text[at..].IndexOfAny(Signs) is >= 0 and var next ? at + next : -1;
        }

        return false;
    }

    /// <summary>Undoes the escapes of a JSON string, or of whatever the text may be.</summary>
    /// <returns>Null when there are none.</returns>
    public static DecodedText? Of(ReadOnlySpan<char> text, bool isJson)
    {
        var first = isJson ? text.IndexOf('\\') : text.IndexOfAny(Signs);
        for (; first >= 0; first = text[(first + 1)..].IndexOfAny(Signs) is >= 0 and var next ? first + 1 + next : -1)
        {
            if (CharacterAt(text, first, isJson).Length > 0)
            {
                break;
            }
        }

        if (first < 0)
        {
            return null;
        }

        var characters = ArrayPool<char>.Shared.Rent(text.Length);
        var places = ArrayPool<int>.Shared.Rent(((text.Length - first) / 2) + 1);
        var origins = ArrayPool<int>.Shared.Rent(places.Length);
        var (length, escapes) = (0, 0);
        for (var at = 0; at < text.Length;)
        {
            var plain = text[at..].IndexOfAny(Signs);
            plain = plain < 0 ? text.Length - at : plain;
            text.Slice(at, plain).CopyTo(characters.AsSpan(length));
            (at, length) = (at + plain, length + plain);
            if (at == text.Length)
            {
                break;
            }

            var (character, escape) = CharacterAt(text, at, isJson);
            characters[length++] = character;
            at += Math.Max(escape, 1);
            if (escape > 0)
            {
                (places[escapes], origins[escapes++]) = (length, at);
            }
        }

        return new(characters, length, places, origins, escapes);
    }

    public override string ToString() => Span.ToString();

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_characters);
        ArrayPool<int>.Shared.Return(_places);
        ArrayPool<int>.Shared.Return(_origins);
    }

    // The character at a place, and how long its escape is; 0 when it stands for itself.
    private static (char Character, int Length) CharacterAt(ReadOnlySpan<char> text, int at, bool isJson) => text[at] switch
    {
        '\\' => OfJson(text, at),
        '%' when !isJson => Hex(text, at + 1, 2) is >= 0 and < 0x80 and var code ? ((char)code, 3) : ('%', 0),
        '&' when !isJson => OfHtml(text, at),
        var character => (character, 0),
    };

    private static (char Character, int Length) OfJson(ReadOnlySpan<char> text, int at) => text.CharacterAt(at + 1) switch
    {
        'n' => ('\n', 2),
        'r' => ('\r', 2),
        't' => ('\t', 2),
        'b' => ('\b', 2),
        'f' => ('\f', 2),
        '"' or '\\' or '/' or '\'' => (text[at + 1], 2),
        'u' when Hex(text, at + 2, 4) is >= 0 and var code => ((char)code, 6),
        'x' when Hex(text, at + 2, 2) is >= 0 and < 0x80 and var code => ((char)code, 4),
        _ => ('\\', 0),
    };

    private static (char Character, int Length) OfHtml(ReadOnlySpan<char> text, int at)
    {
        foreach (var (entity, character) in Entities)
        {
            if (text[at..].StartsWith(entity))
            {
                return (character, entity.Length);
            }
        }

        // &#34; and &#x22;
        var end = text.CharacterAt(at + 1) == '#' ? text[at..Math.Min(text.Length, at + 9)].IndexOf(';') : -1;
        if (end < 3)
        {
            return ('&', 0);
        }

        var digits = text.Slice(at + 2, end - 2);
        var isHex = digits[0] is 'x' or 'X';
        return int.TryParse(
            isHex ? digits[1..] : digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, null, out var code)
                && code is > 0 and < 0x80
            ? ((char)code, end + 1)
            : ('&', 0);
    }

    private static int Hex(ReadOnlySpan<char> text, int at, int length) =>
        at + length <= text.Length
            && int.TryParse(text.Slice(at, length), NumberStyles.AllowHexSpecifier, null, out var code) ? code : -1;
}
