using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>
/// Replaces lone surrogates in JSON by U+FFFD, as JavaScript's <c>toWellFormed</c> does. An escaped half of a surrogate pair is
/// valid JSON but no text: System.Text.Json throws when it reads the string, or compares a property name with it. Without this,
/// a sender could hide a text by appending such a half.
/// </summary>
public static class WellFormedJson
{
    private const int EscapeLength = 6;

    /// <summary>Returns the document with <c>\ufffd</c> in place of each escaped lone surrogate.</summary>
    /// <returns>The same memory when there is none, which is usual.</returns>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json)
    {
        var at = NextLone(json.Span, 0);
        if (at < 0)
        {
            return json;
        }

        var whole = json.ToArray();
        for (; at >= 0; at = NextLone(whole, at + EscapeLength))
        {
            @"\ufffd"u8.CopyTo(whole.AsSpan(at));
        }

        return whole;
    }

    /// <summary>As <see cref="Of(ReadOnlyMemory{byte})"/>, for JSON in a string.</summary>
    public static string Of(string json) => json.Contains('\\', StringComparison.Ordinal)
        ? Encoding.UTF8.GetString(Of(Encoding.UTF8.GetBytes(json)).Span)
        : json;

    /// <summary>Returns the text of a JSON string.</summary>
    /// <param name="escaped">The string as it is written, without its quotes. Bytes that are not UTF-8 become U+FFFD.</param>
    public static string Text(ReadOnlySpan<byte> escaped)
    {
        var reader = new Utf8JsonReader(Of(Encoding.UTF8.GetBytes($"\"{Encoding.UTF8.GetString(escaped)}\"")).Span);
        reader.Read();
        return reader.GetString()!;
    }

    // Returns the position of the next escaped lone surrogate; -1 when there is none. A backslash that is itself escaped begins
    // no escape.
    private static int NextLone(ReadOnlySpan<byte> json, int at)
    {
        while (json[at..].IndexOf((byte)'\\') is >= 0 and var next)
        {
            at += next;
            if (CodeUnit(json[at..]) is not { } unit)
            {
                at = Math.Min(at + 2, json.Length);
            }
            else if (!char.IsSurrogate(unit))
            {
                at += EscapeLength;
            }
            else if (char.IsHighSurrogate(unit) && CodeUnit(json[(at + EscapeLength)..]) is { } low && char.IsLowSurrogate(low))
            {
                at += 2 * EscapeLength;
            }
            else
            {
                return at;
            }
        }

        return -1;
    }

    private static char? CodeUnit(ReadOnlySpan<byte> json) =>
        json is [(byte)'\\', (byte)'u', _, _, _, _, ..]
            && ushort.TryParse(json[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
