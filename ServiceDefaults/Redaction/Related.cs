using System.Collections.Frozen;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Names of fields that belong together: one says what another's value is of.</summary>
internal static class Related
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Names = Set(
        "name key header field param parameter property variable var label attribute attr setting option id k n type title");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Values = Set(
        "value val v content contents data text string default plaintext #text _text $t $value defaultvalue");

    // What is within the value of a field: {"password":{"from":"x","to":"y"}}, {"S":"x"}
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Parts = Set(
        "s n b ss ns bs l from to old new before after previous prev current original raw plain literal set added removed updated @value _ $");

    /// <summary>{"name":"DB_PASSWORD"}, key="…", headerName: …</summary>
    public static bool IsName(ReadOnlySpan<char> field) => Names.Contains(field) || EndsWith(field, "name") || EndsWith(field, "key");

    /// <summary>{"value":"…"}, stringValue, default: …</summary>
    public static bool IsValue(ReadOnlySpan<char> field) => Values.Contains(field) || EndsWith(field, "value");

    /// <summary>A value, or a part of one.</summary>
    public static bool IsPart(ReadOnlySpan<char> field) => Parts.Contains(field) || IsValue(field);

    // As a word of its own: fieldName, field_name, not rename.
    private static bool EndsWith(ReadOnlySpan<char> field, string word) =>
        field.Length > word.Length && field.EndsWith(word, StringComparison.OrdinalIgnoreCase)
        && (char.IsAsciiLetterUpper(field[^word.Length]) || !char.IsAsciiLetterOrDigit(field[^(word.Length + 1)]));

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(string words) =>
        words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
