using System.Text;

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
}

/// <summary>
/// The template of the signed bytes: literal text with the fields <c>{id}</c>, <c>{timestamp}</c>, <c>{url}</c>, <c>{body}</c>
/// and <c>{form}</c>. The body is used as received and never serialized again.
/// </summary>
public sealed class SignedContent
{
    private const string Known = "{id}, {timestamp}, {url}, {form}, {body}";

    private readonly string _template;
    private readonly (SignedField Field, byte[] Literal)[] _parts;

    private SignedContent(string template, (SignedField, byte[])[] parts)
    {
        _template = template;
        _parts = parts;
    }

    /// <summary>Parses a template such as <c>{id}.{timestamp}.{body}</c>.</summary>
    /// <exception cref="FormatException">The template has an unknown field, an unclosed brace, or nothing that protects the
    /// body.</exception>
    public static SignedContent Parse(string template)
    {
        var parts = new List<(SignedField, byte[])>();
        for (var at = 0; at < template.Length;)
        {
            if (template[at] != '{')
            {
                var end = template.IndexOf('{', at) is var next and >= 0 ? next : template.Length;
                parts.Add((SignedField.Literal, Encoding.UTF8.GetBytes(template[at..end])));
                at = end;
                continue;
            }

            var close = template.IndexOf('}', at);
            if (close < 0)
            {
                throw new FormatException($"'{template}' has an unclosed brace.");
            }

            parts.Add((FieldOf(template[at..(close + 1)], template), []));
            at = close + 1;
        }

        var content = new SignedContent(template, [.. parts]);
        if (!content.Has(SignedField.Body) && !content.Has(SignedField.Form))
        {
            throw new FormatException($"'{template}' leaves out {{body}}: nothing would protect the payload.");
        }

        // For a body that is not a form, the URL contains its hash.
        return content.Has(SignedField.Body) || content.Has(SignedField.Url)
            ? content
            : throw new FormatException(
                $"'{template}' has {{form}} without {{url}}: nothing would protect a payload that is not a form.");
    }

    /// <summary>Whether the template has the field.</summary>
    public bool Has(SignedField field) => Array.Exists(_parts, part => part.Field == field);

    /// <summary>Whether the template consists of the body alone.</summary>
    public bool IsBodyAlone => _parts is [{ Field: SignedField.Body }];

    /// <summary>The number of bytes that <see cref="Write"/> needs at most.</summary>
    public int MaxLength(SignedValues values)
    {
        var length = 0;
        foreach (var (field, literal) in _parts)
        {
            length += field switch
            {
                SignedField.Literal => literal.Length,
                SignedField.Body => values.Body.Length,
                _ => Encoding.UTF8.GetMaxByteCount((Text(field, values) ?? "").Length),
            };
        }

        return length;
    }

    /// <summary>Writes the signed bytes of one request.</summary>
    /// <returns>The number of bytes written.</returns>
    public int Write(Span<byte> output, SignedValues values)
    {
        var length = 0;
        foreach (var (field, literal) in _parts)
        {
            var rest = output[length..];
            switch (field)
            {
                case SignedField.Literal:
                    literal.CopyTo(rest);
                    length += literal.Length;
                    break;
                case SignedField.Body:
                    values.Body.CopyTo(rest);
                    length += values.Body.Length;
                    break;
                default:
                    length += Encoding.UTF8.GetBytes(Text(field, values) ?? "", rest);
                    break;
            }
        }

        return length;
    }

    /// <inheritdoc />
    public override string ToString() => _template;

    private static string? Text(SignedField field, SignedValues values) => field switch
    {
        SignedField.Id => values.Id,
        SignedField.Timestamp => values.Timestamp,
        SignedField.Url => values.Url,
        _ => values.Form,
    };

    private static SignedField FieldOf(string name, string template) => name switch
    {
        "{id}" => SignedField.Id,
        "{timestamp}" => SignedField.Timestamp,
        "{url}" => SignedField.Url,
        "{form}" => SignedField.Form,
        "{body}" => SignedField.Body,
        _ => throw new FormatException($"'{template}' has the unknown field {name}; known are {Known}."),
    };
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
