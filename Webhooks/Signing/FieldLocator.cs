using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// The place of a field in a request. Several places are separated by <c> | </c>; the first that has a value is used.
/// <list type="bullet">
/// <item><c>header:X-GitHub-Delivery</c>: a header.</item>
/// <item><c>body:/data/id</c>: a JSON pointer (RFC 6901) into the body; of a form body, into the object of its fields.</item>
/// <item><c>value:message</c>: a constant.</item>
/// <item><c>digest</c>: the SHA-256 of the body, for senders that send no id.</item>
/// </list>
/// </summary>
public sealed class FieldLocator
{
    private const string Separator = " | ";
    private const string HeaderForm = "header:";
    private const string BodyForm = "body:";
    private const string ValueForm = "value:";
    private const string DigestForm = "digest";

    private readonly string _text;
    private readonly IReadOnlyList<Place> _places;

    private FieldLocator(string text, IReadOnlyList<Place> places)
    {
        _text = text;
        _places = places;
    }

    /// <summary>The names of the headers that the locator reads.</summary>
    public IEnumerable<string> Headers => _places.OfType<HeaderPlace>().Select(place => place.Name);

    /// <summary>The JSON pointers into the body that the locator reads.</summary>
    public IEnumerable<JsonPointer> Pointers => _places.OfType<BodyPlace>().Select(place => place.Pointer);

    /// <summary>Parses the text of a locator.</summary>
    /// <exception cref="FormatException">A place has none of the forms above.</exception>
    public static FieldLocator Parse(string text) => new(text, [.. text.Split(Separator).Select(ParsePlace)]);

    /// <summary>
    /// Returns the field's value; null when every place is absent or empty. A header that occurs twice, and a JSON value other
    /// than a string, number or boolean, count as absent.
    /// </summary>
    /// <param name="digest">Computes the digest. It is called only when <c>digest</c> is reached; null when there is no
    /// digest.</param>
    public string? Find(IHeaderDictionary headers, JsonElement? body, Func<string>? digest = null)
    {
        foreach (var place in _places)
        {
            var found = place switch
            {
                HeaderPlace header => headers.TryGetValue(header.Name, out var values) && values is [{ } value] ? value : null,
                BodyPlace pointer => body is { } document ? Scalar(pointer.Pointer.Find(document)) : null,
                ValuePlace constant => constant.Text,
                _ => digest?.Invoke(),
            };
            if (!string.IsNullOrEmpty(found))
            {
                return found;
            }
        }

        return null;
    }

    /// <inheritdoc />
    public override string ToString() => _text;

    private static string? Scalar(JsonElement? found) => found switch
    {
        { ValueKind: JsonValueKind.String } text => PayloadJson.Text(text),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } other => other.GetRawText(),
        _ => null,
    };

    private static Place ParsePlace(string text)
    {
        if (text.StartsWith(HeaderForm, StringComparison.Ordinal) && text.Length > HeaderForm.Length)
        {
            return new HeaderPlace(text[HeaderForm.Length..]);
        }

        if (text.StartsWith(BodyForm + '/', StringComparison.Ordinal))
        {
            return new BodyPlace(JsonPointer.Parse(text[BodyForm.Length..]));
        }

        if (text.StartsWith(ValueForm, StringComparison.Ordinal) && text.Length > ValueForm.Length)
        {
            return new ValuePlace(text[ValueForm.Length..]);
        }

        return text == DigestForm
            ? new DigestPlace()
            : throw new FormatException($"'{text}' must be 'header:NAME', 'body:/JSON/POINTER', 'value:TEXT' or 'digest'.");
    }

    private abstract record Place;

    private sealed record HeaderPlace(string Name) : Place;

    private sealed record BodyPlace(JsonPointer Pointer) : Place;

    private sealed record ValuePlace(string Text) : Place;

    private sealed record DigestPlace : Place;
}
