namespace Aspire.Webhooks.Listeners;

/// <summary>
/// Which event types somebody wants: a type exactly, a beginning with a star (<c>invoice.*</c>), or all (<c>*</c>). Case counts,
/// as it does for providers.
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

    /// <summary>Reads the textual form.</summary>
    /// <exception cref="FormatException">It is empty, or has a star before its end.</exception>
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
