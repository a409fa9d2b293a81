namespace Aspire.Webhooks.Listeners;

/// <summary>
/// A pattern for event types: an exact type, a prefix that ends with a star (<c>invoice.*</c>), or every type (<c>*</c>).
/// Matching is case-sensitive, because providers' types are.
/// </summary>
public sealed class EventTypePattern
{
    private readonly string _text;
    private readonly bool _isBeginning;

    private EventTypePattern(string text, bool isBeginning)
    {
        _text = text;
        _isBeginning = isBeginning;
    }

    /// <summary>Parses the text of a pattern.</summary>
    /// <exception cref="FormatException">The text is empty or has a star before its end.</exception>
    public static EventTypePattern Parse(string text)
    {
        var isBeginning = text.EndsWith('*');
        var rest = isBeginning ? text[..^1] : text;
        return text.Length == 0 || rest.Contains('*', StringComparison.Ordinal)
            ? throw new FormatException($"'{text}' is no pattern of event types: a type, a beginning that ends in '*', or '*'.")
            : new(rest, isBeginning);
    }

    public bool Matches(string eventType) => _isBeginning
        ? eventType.StartsWith(_text, StringComparison.Ordinal)
        : string.Equals(eventType, _text, StringComparison.Ordinal);
}
