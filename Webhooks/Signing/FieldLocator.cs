using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// The place of a field in a request. Several places are separated by <c> | </c>; the first that has a value is used.
/// <list type="bullet">
/// <item><c>header:X-GitHub-Delivery</c>: a header.</item>
/// <item><c>body:/data/id</c>: a JSON pointer (RFC 6901) into the body; of a form body, into the object of its fields.</item>
/// <item><c>query:code</c>: a parameter of the URL.</item>
/// <item><c>value:message</c>: a constant.</item>
/// <item><c>digest</c>: the SHA-256 of the body, for senders that send no id.</item>
/// <item><c>unique</c>: another value for every request, for senders whose notifications are equal byte for byte.</item>
/// </list>
/// A place can be several values with <c> + </c> between them. It has a value, joined with colons, when all of them have one.
/// </summary>
public sealed class FieldLocator
{
    private const string Separator = " | ";
    private const string Joint = " + ";
    private const string HeaderForm = "header:";
    private const string BodyForm = "body:";
    private const string ValueForm = "value:";
    private const string QueryForm = "query:";
    private const string DigestForm = "digest";
    private const string UniqueForm = "unique";

    private readonly string _text;
    private readonly IReadOnlyList<Place> _places;

    private FieldLocator(string text, IReadOnlyList<Place> places)
    {
        _text = text;
        _places = places;
        ReadsBody = Pointers.Any();
        ReadsQuery = Parts.OfType<QueryPlace>().Any();
    }

    /// <summary>The names of the headers that the locator reads.</summary>
    public IEnumerable<string> Headers => Parts.OfType<HeaderPlace>().Select(place => place.Name);

    /// <summary>The JSON pointers into the body that the locator reads.</summary>
    public IEnumerable<JsonPointer> Pointers => Parts.OfType<BodyPlace>().Select(place => place.Pointer);

    /// <summary>The headers that a sender sets so that the field has a value; none when no place reads headers.</summary>
    public IEnumerable<string> FirstHeaders => First<HeaderPlace>().Select(place => place.Name);

    /// <summary>
    /// The pointers to the members that a sender sets so that the field has a value; none when no place reads the body.
    /// </summary>
    public IEnumerable<JsonPointer> FirstPointers => First<BodyPlace>().Select(place => place.Pointer);

    /// <summary>Whether the locator reads the body.</summary>
    public bool ReadsBody { get; }

    /// <summary>Whether the locator reads the query of the URL.</summary>
    public bool ReadsQuery { get; }

    private IEnumerable<Place> Parts => _places.SelectMany(PartsOf);

    private IEnumerable<T> First<T>()
        where T : Place => _places.Select(place => PartsOf(place).OfType<T>()).FirstOrDefault(parts => parts.Any()) ?? [];

    private static IReadOnlyList<Place> PartsOf(Place place) => place is JoinedPlace joined ? joined.Parts : [place];

    /// <summary>Parses the text of a locator.</summary>
    /// <exception cref="FormatException">A place has none of the forms above.</exception>
    public static FieldLocator Parse(string text) => new(text, [.. text.Split(Separator).Select(ParsePlace)]);

    /// <summary>
    /// Returns the field's value; null when every place is absent or empty. A header that occurs twice, and a JSON value other
    /// than a string, number or boolean, count as absent.
    /// </summary>
    /// <param name="digest">Computes the digest. It is called only when <c>digest</c> is reached; null when there is no
    /// digest.</param>
    /// <param name="url">The URL of the request, for <c>query:</c>.</param>
    public string? Find(IHeaderDictionary headers, JsonElement? body, Func<string>? digest = null, string? url = null)
    {
        foreach (var place in _places)
        {
            var found = place is JoinedPlace joined
                ? Join([.. joined.Parts.Select(part => Find(part, headers, body, digest, url))])
                : Find(place, headers, body, digest, url);
            if (!string.IsNullOrEmpty(found))
            {
                return found;
            }
        }

        return null;
    }

    /// <inheritdoc />
    public override string ToString() => _text;

    /// <summary>
    /// Returns the text of a JSON string, number or boolean as the sender wrote it; null for every other value.
    /// </summary>
    internal static string? Scalar(JsonElement? found) => found switch
    {
        { ValueKind: JsonValueKind.String } text => PayloadJson.Text(text),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } other => other.GetRawText(),
        _ => null,
    };

    private static string? Find(
        Place place, IHeaderDictionary headers, JsonElement? body, Func<string>? digest, string? url) => place switch
    {
        HeaderPlace header => headers.TryGetValue(header.Name, out var values) && values is [{ } value] ? value : null,
        BodyPlace pointer => body is { } document ? Scalar(pointer.Pointer.Find(document)) : null,
        QueryPlace query => Parameter(url, query.Name),
        ValuePlace constant => constant.Text,
        UniquePlace => RandomNumberGenerator.GetHexString(32, lowercase: true),
        _ => digest?.Invoke(),
    };

    private static string? Parameter(string? url, string name)
    {
        var query = url?.IndexOf('?', StringComparison.Ordinal) ?? -1;
        return query >= 0 && QueryHelpers.ParseQuery(url![query..]).TryGetValue(name, out var values) && values is [{ } only]
            ? only
            : null;
    }

    private static string? Join(string?[] parts) => Array.Exists(parts, string.IsNullOrEmpty) ? null : string.Join(':', parts);

    private static Place ParsePlace(string text)
    {
        if (text.Contains(Joint, StringComparison.Ordinal))
        {
            return new JoinedPlace([.. text.Split(Joint).Select(ParsePlace)]);
        }

        if (text.StartsWith(QueryForm, StringComparison.Ordinal) && text.Length > QueryForm.Length)
        {
            return new QueryPlace(text[QueryForm.Length..]);
        }

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

        return text switch
        {
            DigestForm => new DigestPlace(),
            UniqueForm => new UniquePlace(),
            _ => throw new FormatException(
                $"'{text}' must be 'header:NAME', 'body:/JSON/POINTER', 'query:NAME', 'value:TEXT', 'digest' or 'unique'."),
        };
    }

    private abstract record Place;

    private sealed record HeaderPlace(string Name) : Place;

    private sealed record BodyPlace(JsonPointer Pointer) : Place;

    private sealed record ValuePlace(string Text) : Place;

    private sealed record QueryPlace(string Name) : Place;

    private sealed record DigestPlace : Place;

    private sealed record UniquePlace : Place;

    private sealed record JoinedPlace(IReadOnlyList<Place> Parts) : Place;
}
