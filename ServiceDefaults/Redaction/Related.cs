using System.Collections.Frozen;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Names of fields that belong together: one says what another's value is of.</summary>
internal static class Related
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Names = Set(
        "name key header field param parameter property variable var label attribute attr setting option id k n type title "
            + "question path");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Values = Set(
        "value val v content contents data text string default plaintext answer #text _text $t $value defaultvalue");

    // What the value was and is: {"password":{"from":"x","to":"y"}}
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Changes = Set(
        "from to old new before after previous prev current original set added removed updated");

    // What is within the value of a field: {"password":{"S":"x"}}, {"token":{"access":"x","refresh":"y"}}
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Parts = Set(
        "s n b ss ns bs l raw plain literal @value _ $ access refresh values");

    /// <summary>{"name":"DB_PASSWORD"}, key="…", headerName: …</summary>
    public static bool IsName(ReadOnlySpan<char> field) =>
        Names.Contains(field) || EndsWith(field, "name") || EndsWith(field, "key");

    /// <summary>{"value":"…"}, stringValue, default: …</summary>
    public static bool IsValue(ReadOnlySpan<char> field) => Values.Contains(field) || EndsWith(field, "value");

    /// <summary>A value, or what it was: {"field":"password","old":"x"}.</summary>
    public static bool IsValueOrChange(ReadOnlySpan<char> field) => IsValue(field) || Changes.Contains(field);

    /// <summary>A value, or a part of one.</summary>
    public static bool IsPart(ReadOnlySpan<char> field) => Parts.Contains(field) || IsValueOrChange(field);

    // As a word of its own: fieldName, field_name, not rename.
    private static bool EndsWith(ReadOnlySpan<char> field, string word) =>
        field.Length > word.Length && field.EndsWith(word, StringComparison.OrdinalIgnoreCase)
        && (char.IsAsciiLetterUpper(field[^word.Length]) || !char.IsAsciiLetterOrDigit(field[^(word.Length + 1)]));

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(string words) =>
        words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
