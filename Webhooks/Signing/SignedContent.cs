using System.Buffers;
using System.Text;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// The template of the bytes that are signed: literal text with the fields <c>{id}</c>, <c>{timestamp}</c> and
/// <c>{body}</c>. The body is taken as received, never re-serialised.
/// </summary>
public sealed class SignedContent
{
    private enum Field
    {
        Literal,
        Id,
        Timestamp,
        Body,
    }

    private readonly (Field Field, byte[] Literal)[] _parts;

    private SignedContent((Field, byte[])[] parts) => _parts = parts;

    /// <summary>Parses a template such as <c>{id}.{timestamp}.{body}</c>.</summary>
    /// <exception cref="FormatException">An unknown field, an unclosed brace, or no <c>{body}</c>.</exception>
    public static SignedContent Parse(string template)
    {
        var parts = new List<(Field, byte[])>();
        for (var at = 0; at < template.Length;)
        {
            if (template[at] != '{')
            {
                var end = template.IndexOf('{', at) is var next and >= 0 ? next : template.Length;
                parts.Add((Field.Literal, Encoding.UTF8.GetBytes(template[at..end])));
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

        return parts.Exists(part => part.Item1 == Field.Body)
            ? new SignedContent([.. parts])
            : throw new FormatException($"'{template}' leaves out {{body}}: nothing would protect the payload.");
    }

    /// <summary>Writes the bytes that are signed for one request.</summary>
    public void Write(IBufferWriter<byte> output, string? id, string? timestamp, ReadOnlySpan<byte> body)
    {
        foreach (var (field, literal) in _parts)
        {
            switch (field)
            {
                case Field.Id:
                    Encoding.UTF8.GetBytes(id ?? "", output);
                    break;
                case Field.Timestamp:
                    Encoding.UTF8.GetBytes(timestamp ?? "", output);
                    break;
                case Field.Body:
                    output.Write(body);
                    break;
                default:
                    output.Write(literal);
                    break;
            }
        }
    }

    private static Field FieldOf(string name, string template) => name switch
    {
        "{id}" => Field.Id,
        "{timestamp}" => Field.Timestamp,
        "{body}" => Field.Body,
        _ => throw new FormatException($"'{template}' has the unknown field {name}; known are {{id}}, {{timestamp}}, {{body}}."),
    };
}
