using System.Buffers;
using System.Text;

namespace Aspire.Webhooks.Redaction;

/// <summary>Takes credentials out of text: the secrets it was given, in the usual encodings, and known credential shapes.
/// The service defaults register one that knows every secret of the process's configuration. Safe for concurrent use.</summary>
public sealed class Redactor
{
    /// <summary>What stands where a credential was.</summary>
    public const string Replacement = "***redacted***";

    // The patterns' alone, and so made once: a redactor may live for one delivery.
    private static readonly SearchValues<string> Keywords = SearchValues.Create(
        [.. RedactionPattern.All.SelectMany(pattern => pattern.Keywords).Distinct(StringComparer.Ordinal)],
        StringComparison.OrdinalIgnoreCase);

    private readonly Lock _learning = new();
    private volatile Known _known;

    /// <param name="secrets">Values to redact; those shorter than 8 characters are ignored.</param>
    public Redactor(IEnumerable<string> secrets) => _known = new([.. secrets.SelectMany(SecretForms.Of)]);

    /// <summary>Returns <paramref name="text"/> without credentials, the same instance where it has none.</summary>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_known is { Forms.Length: > 0 } known)
        {
            text = known.TakeOut(text);
        }

        if (!text.AsSpan().ContainsAny(Keywords))
        {
            return text;
        }

        foreach (var pattern in RedactionPattern.All)
        {
            text = pattern.Replace(text);
        }

        return text;
    }

    /// <summary>Returns the <paramref name="value"/> of a field without credentials: nothing of it where the field's
    /// <paramref name="name"/> says that it is one (<c>Authorization</c>, <c>access_token</c>).</summary>
    public string Redact(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Array.Exists(RedactionPattern.CredentialNames, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            ? Replacement
            : Redact(value);
    }

    // Telemetry's values are numbers and flags, which hold no credential, and strings, lists of them, or objects.
    internal object? RedactValue(string name, object? value) => value switch
    {
        null or bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => value,
        string text => Redact(name, text),
        string[] texts => Array.TrueForAll(texts, text => ReferenceEquals(text, Redact(name, text)))
            ? value
            : Array.ConvertAll(texts, text => Redact(name, text)),
        _ => value.ToString() is { } text && !ReferenceEquals(text, Redact(name, text)) ? Redact(name, text) : value,
    };

    /// <summary>Redacts more secrets from now on, beside those that it knows: a replaced one may still be on its way.</summary>
    internal void Learn(IEnumerable<string> secrets)
    {
        // Two reloads at once must not forget each other's.
        lock (_learning)
        {
            _known = new([.. _known.Forms, .. secrets.SelectMany(SecretForms.Of)]);
        }
    }

    /// <summary>The secrets' spellings, longest first.</summary>
    private sealed class Known
    {
        private readonly SearchValues<string> _values;

        public Known(IEnumerable<string> forms)
        {
            Forms = [.. forms.Distinct(StringComparer.Ordinal).OrderByDescending(form => form.Length)];
            _values = SearchValues.Create(Forms, StringComparison.Ordinal);
        }

        public string[] Forms { get; }

        public string TakeOut(string text)
        {
            StringBuilder? redacted = null;
            var done = 0;
            for (var start = Next(text, 0, text.Length); start >= 0; start = Next(text, done, text.Length))
            {
                var end = start + LengthAt(text, start);
                // Another secret may begin inside this one and end behind it.
                for (var inner = Next(text, start + 1, end); inner >= 0; inner = Next(text, inner + 1, end))
                {
                    end = Math.Max(end, inner + LengthAt(text, inner));
                }

                redacted ??= new StringBuilder(text.Length);
                redacted.Append(text, done, start - done).Append(Replacement);
                done = end;
            }

            return redacted is null ? text : redacted.Append(text, done, text.Length - done).ToString();
        }

        // The first position from which a secret begins, before the limit.
        private int Next(string text, int from, int limit)
        {
            var found = text.AsSpan(from).IndexOfAny(_values);
            return found < 0 || from + found >= limit ? -1 : from + found;
        }

        private int LengthAt(string text, int start)
        {
            foreach (var form in Forms)
            {
                if (text.AsSpan(start).StartsWith(form, StringComparison.Ordinal))
                {
                    return form.Length;
                }
            }

            return 0;
        }
    }
}
