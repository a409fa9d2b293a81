using System.Globalization;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Signing;

/// <summary>A field of a <see cref="SignedContent"/>.</summary>
public enum SignedField
{
    Literal,
    Id,
    Timestamp,
    Url,
    Form,
    Body,

    /// <summary>The HTTP method.</summary>
    Method,

    /// <summary>The identity of the source.</summary>
    Identity,

    /// <summary>The CRC-32 of the body in decimal.</summary>
    Crc32,

    /// <summary>A member of the body.</summary>
    Member,

    /// <summary>Members of the body, each as a line with its name and a line with its value.</summary>
    Lines,
}

/// <summary>The values of a request for the fields of a <see cref="SignedContent"/>.</summary>
public readonly ref struct SignedValues
{
    public string? Id { get; init; }

    public string? Timestamp { get; init; }

    public string? Url { get; init; }

    /// <summary>The form fields of the body as <see cref="SignedForm"/> writes them.</summary>
    public string? Form { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }

    public string? Method { get; init; }

    public string? Identity { get; init; }

    /// <summary>The body as JSON; null when the template does not read members of it, or it is not JSON.</summary>
    public JsonElement? Json { get; init; }
}

/// <summary>
/// The template of the signed bytes: literal text with fields. The body is used as received and never serialized again.
/// <list type="bullet">
/// <item><c>{id}</c>, <c>{timestamp}</c>, <c>{method}</c>, <c>{url}</c>: as the sender sent them.</item>
/// <item><c>{body}</c>: the body. <c>{form}</c>: its fields, see <see cref="SignedForm"/>.</item>
/// <item><c>{identity}</c>: the identity of the source.</item>
/// <item><c>{crc32}</c>: the CRC-32 of the body in decimal (PayPal). Other bodies with the same CRC can be made.</item>
/// <item><c>{body:/data/id}</c>: a member of the JSON body; empty when it is absent.</item>
/// <item><c>{lines:Message,Subject}</c>: those of these members that are there, each as a line with its name and a line with
/// its value (AWS SNS).</item>
/// </list>
/// </summary>
public sealed class SignedContent
{
    private const string Known =
        "{id}, {timestamp}, {method}, {url}, {form}, {body}, {identity}, {crc32}, {body:/JSON/POINTER}, {lines:NAME,NAME}";
    private const string MemberForm = "{body:";
    private const string LinesForm = "{lines:";

    private readonly string _template;
    private readonly Part[] _parts;

    private SignedContent(string template, Part[] parts)
    {
        _template = template;
        _parts = parts;
    }

    /// <summary>Parses a template such as <c>{id}.{timestamp}.{body}</c>, which protects the body.</summary>
    /// <exception cref="FormatException">The template has an unknown field, an unclosed brace, or nothing that protects the
    /// body.</exception>
    public static SignedContent Parse(string template)
    {
        var content = ParsePartial(template);
        if (!content.Has(SignedField.Body) && !content.Has(SignedField.Form))
        {
            throw new FormatException($"'{template}' leaves out {{body}}: nothing would protect the payload.");
        }

        return content.CoversBody
            ? content
            : throw new FormatException(
                $"'{template}' has {{form}} without {{url}}: nothing would protect a payload that is not a form.");
    }

    /// <summary>Parses a template that may leave parts of the body unprotected, because the provider signs no more.</summary>
    /// <exception cref="FormatException">The template has an unknown field or an unclosed brace.</exception>
    public static SignedContent ParsePartial(string template)
    {
        var parts = new List<Part>();
        for (var at = 0; at < template.Length;)
        {
            if (template[at] != '{')
            {
                var end = template.IndexOf('{', at) is var next and >= 0 ? next : template.Length;
                parts.Add(new(SignedField.Literal, Literal: Encoding.UTF8.GetBytes(template[at..end])));
                at = end;
                continue;
            }

            var close = template.IndexOf('}', at);
            if (close < 0)
            {
                throw new FormatException($"'{template}' has an unclosed brace.");
            }

            parts.Add(PartOf(template[at..(close + 1)], template));
            at = close + 1;
        }

        return new(template, [.. parts]);
    }

    /// <summary>
    /// Whether the template protects every byte of the body. With <c>{form}</c> it needs <c>{url}</c>, which contains the hash of
    /// a body that is not a form.
    /// </summary>
    public bool CoversBody => Has(SignedField.Body) || (Has(SignedField.Form) && Has(SignedField.Url));

    /// <summary>Whether the template reads members of the body.</summary>
    public bool ReadsMembers => Has(SignedField.Member) || Has(SignedField.Lines);

    /// <summary>The members of the body that the template reads one by one.</summary>
    public IEnumerable<JsonPointer> Members => _parts.Select(part => part.Pointer).OfType<JsonPointer>();

    /// <summary>Whether the template has the field.</summary>
    public bool Has(SignedField field) => Array.Exists(_parts, part => part.Field == field);

    /// <summary>Whether the template consists of the body alone.</summary>
    public bool IsBodyAlone => _parts is [{ Field: SignedField.Body }];

    /// <summary>
    /// Whether the members that the template reads can be read in one way only. Otherwise the signature of one body would fit
    /// another: an array must hold nothing beside the element that is signed, and of the lines only the first may contain a line
    /// break, or a sender could write the lines that follow into the text of its own message.
    /// </summary>
    public bool IsUnambiguous(JsonElement? json) => !ReadsMembers || (json is { } document && Array.TrueForAll(_parts, part =>
        part.Field switch
        {
            SignedField.Member => IsOnlyOne(document, part.Pointer!),
            SignedField.Lines => HasSingleLines(document, part.Names!),
            _ => true,
        }));

    /// <summary>The number of bytes that <see cref="Write"/> needs at most.</summary>
    public int MaxLength(SignedValues values)
    {
        var length = 0;
        foreach (var part in _parts)
        {
            length += part.Field switch
            {
                SignedField.Literal => part.Literal!.Length,
                SignedField.Body => values.Body.Length,
                _ => Encoding.UTF8.GetMaxByteCount((Text(part, values) ?? "").Length),
            };
        }

        return length;
    }

    /// <summary>Writes the signed bytes of one request.</summary>
    /// <returns>The number of bytes written.</returns>
    public int Write(Span<byte> output, SignedValues values)
    {
        var length = 0;
        foreach (var part in _parts)
        {
            var rest = output[length..];
            switch (part.Field)
            {
                case SignedField.Literal:
                    part.Literal.CopyTo(rest);
                    length += part.Literal!.Length;
                    break;
                case SignedField.Body:
                    values.Body.CopyTo(rest);
                    length += values.Body.Length;
                    break;
                default:
                    length += Encoding.UTF8.GetBytes(Text(part, values) ?? "", rest);
                    break;
            }
        }

        return length;
    }

    /// <inheritdoc />
    public override string ToString() => _template;

    private static string? Text(Part part, SignedValues values) => part.Field switch
    {
        SignedField.Id => values.Id,
        SignedField.Timestamp => values.Timestamp,
        SignedField.Url => values.Url,
        SignedField.Method => values.Method,
        SignedField.Identity => values.Identity,
        SignedField.Crc32 => Crc32.Of(values.Body).ToString(CultureInfo.InvariantCulture),
        SignedField.Member => values.Json is { } json ? FieldLocator.Scalar(part.Pointer!.Find(json)) : null,
        SignedField.Lines => values.Json is { } json ? Lines(json, part.Names!) : null,
        _ => values.Form,
    };

    private static string Lines(JsonElement json, IReadOnlyList<string> names)
    {
        var lines = new StringBuilder();
        foreach (var name in names)
        {
            if (FieldLocator.Scalar(PayloadJson.Property(json, name)) is { } value)
            {
                lines.Append(name).Append('\n').Append(value).Append('\n');
            }
        }

        return lines.ToString();
    }

    private static bool HasSingleLines(JsonElement json, IReadOnlyList<string> names) => names.Index().All(line =>
        PayloadJson.Property(json, line.Item) switch
        {
            null or { ValueKind: JsonValueKind.Null } => true,
            { } member => PayloadJson.Text(member) is { } text
                && (line.Index == 0 || !text.Contains('\n', StringComparison.Ordinal)),
        });

    private static bool IsOnlyOne(JsonElement element, JsonPointer pointer)
    {
        foreach (var token in pointer.Tokens)
        {
            if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() != 1)
            {
                return false;
            }

            // A member that is absent is signed as an empty text.
            if (JsonPointer.Step(element, token) is not { } next)
            {
                return true;
            }

            element = next;
        }

        return true;
    }

    private static Part PartOf(string name, string template) => name switch
    {
        "{id}" => new(SignedField.Id),
        "{timestamp}" => new(SignedField.Timestamp),
        "{method}" => new(SignedField.Method),
        "{url}" => new(SignedField.Url),
        "{form}" => new(SignedField.Form),
        "{body}" => new(SignedField.Body),
        "{identity}" => new(SignedField.Identity),
        "{crc32}" => new(SignedField.Crc32),
        _ when name.StartsWith(MemberForm, StringComparison.Ordinal) =>
            new(SignedField.Member, Pointer: JsonPointer.Parse(name[MemberForm.Length..^1])),
        _ when name.StartsWith(LinesForm, StringComparison.Ordinal) =>
            new(SignedField.Lines, Names: name[LinesForm.Length..^1].Split(',')),
        _ => throw new FormatException($"'{template}' has the unknown field {name}; known are {Known}."),
    };

    private sealed record Part(
        SignedField Field, byte[]? Literal = null, JsonPointer? Pointer = null, IReadOnlyList<string>? Names = null);
}

/// <summary>Adds and removes the port of a URL.</summary>
internal static class UrlPorts
{
    /// <summary>
    /// Returns the URL with the default port of its scheme if it has no port, and without the port if it has one. Returns null
    /// when it is not an http or https URL.
    /// </summary>
    public static string? Other(string url)
    {
        var isHttps = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var start = url.IndexOf("//", StringComparison.Ordinal) + 2;
        var end = url.AsSpan(start).IndexOfAny("/?#") is var length and >= 0 ? start + length : url.Length;
        var authority = url.AsSpan(start, end - start);
        // Colons also occur in user:password@ and in [::1].
        var host = authority[(authority.LastIndexOfAny("@]") + 1)..];
        var colon = host.LastIndexOf(':');
        return colon < 0
            ? $"{url.AsSpan(0, end)}:{(isHttps ? 443 : 80)}{url.AsSpan(end)}"
            : $"{url.AsSpan(0, end - host.Length + colon)}{url.AsSpan(end)}";
    }
}
