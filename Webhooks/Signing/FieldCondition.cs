using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// A condition on a field of a request: <c>body:/type=ping</c> that it has this value, <c>body:/challenge</c> that it is there,
/// <c>!body:/event</c> that it is not. The field is a <see cref="FieldLocator"/>.
/// </summary>
public sealed class FieldCondition
{
    private readonly string _text;
    private readonly bool _isAbsent;
    private readonly string? _value;

    private FieldCondition(string text, FieldLocator field, bool isAbsent, string? value)
    {
        _text = text;
        Field = field;
        _isAbsent = isAbsent;
        _value = value;
    }

    /// <summary>The field that the condition reads.</summary>
    public FieldLocator Field { get; }

    /// <summary>Parses the text of a condition.</summary>
    /// <exception cref="FormatException">The text has none of the forms above.</exception>
    public static FieldCondition Parse(string text)
    {
        if (text.StartsWith('!'))
        {
            return new(text, FieldLocator.Parse(text[1..]), isAbsent: true, value: null);
        }

        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? new(text, FieldLocator.Parse(text), isAbsent: false, value: null)
            : new(text, FieldLocator.Parse(text[..equals]), isAbsent: false, text[(equals + 1)..]);
    }

    /// <summary>Whether a request meets the condition.</summary>
    public bool Holds(IHeaderDictionary headers, JsonElement? body, string? url)
    {
        var found = Field.Find(headers, body, url: url);
        return _isAbsent ? found is null : found is not null && (_value is null || found == _value);
    }

    /// <inheritdoc />
    public override string ToString() => _text;
}
