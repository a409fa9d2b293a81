namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Takes credentials out of text: the secrets it was given, in the usual encodings, and known credential shapes.
/// The service defaults register one that knows every secret of the process's configuration. Safe for concurrent use.</summary>
public sealed class Redactor
{
    /// <summary>What stands where a credential was.</summary>
    public const string Replacement = "***redacted***";

    private readonly Lock _learning = new();
    private volatile KnownSecrets _known;

    /// <param name="secrets">Values to redact; those shorter than 8 characters are ignored.</param>
    public Redactor(IEnumerable<string> secrets) => _known = new(secrets.SelectMany(SecretForms.Of));

    /// <summary>Returns <paramref name="text"/> without credentials, the same instance where it has none. What was JSON
    /// still is.</summary>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var known = _known;
        return CredentialSearch.MayFind(text, known) ? Redact(text, known, Find) : text;
    }

    /// <summary>Returns the <paramref name="value"/> of a field without credentials: nothing of it where the field's
    /// <paramref name="name"/> says that it is one (<c>Authorization</c>, <c>access_token</c>).</summary>
    public string Redact(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (CredentialValue.Is(value, CredentialName.Of(name)))
        {
            return Replacement;
        }

        var known = _known;
        // Some shapes count only beside their provider's name: datadog_key=0123…
        var mayBeAssigned = RedactionPatterns.Next(name, 0) >= 0;
        return !mayBeAssigned && !CredentialSearch.MayFind(value, known) ? value : Redact(value, known, (text, secrets) =>
        {
            var cuts = Find(text, secrets);
            CredentialSearch.FindAssigned(name, text, 0, text.Length, cuts);
            return cuts;
        });
    }

    /// <summary>As <see cref="Redact(string)"/>, also without what the record's other fields say is a credential: a message
    /// repeats the values of its fields.</summary>
    internal string Redact(string text, IEnumerable<KeyValuePair<string, object?>>? fields)
    {
        var cuts = new Cuts();
        foreach (var (name, value) in fields ?? [])
        {
            if (value is string secret && CredentialValue.Is(secret, CredentialName.Of(name)))
            {
                cuts.Learn(secret);
            }
        }

        return cuts.Learned.Count == 0 ? Redact(text) : Redact(text, _known.WithLearned(cuts.Learned), Find);
    }

    /// <summary>
    /// Returns an identifier, or a text that has to stay as it was sent, without the given secrets and without the credentials
    /// that show by themselves what they are (<c>ghp_…</c>, a private key); the same instance where it has none. Nothing is
    /// judged by a name or by the words before it: <c>password:reset</c> and "the token: it is at reception" stay.
    /// </summary>
    public string RedactKnown(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cuts = new Cuts();
        CredentialSearch.FindKnown(text, _known, cuts);
        return cuts.Apply(text);
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
            _known = _known.With(secrets.SelectMany(SecretForms.Of));
        }
    }

    /// <summary>Redacts the secrets of other processes from now on, by all their fingerprints.</summary>
    /// <param name="salt">The one that they were made with.</param>
    public void LearnFingerprints(IEnumerable<SecretFingerprint> fingerprints, byte[] salt)
    {
        var shared = new SharedSecrets(fingerprints, salt);
        lock (_learning)
        {
            _known = _known.With(shared);
        }
    }

    /// <summary>What is to be taken out of the text, and which rules say so.</summary>
    internal Cuts Find(string text) => Find(text, _known);

    private static Cuts Find(string text, KnownSecrets known)
    {
        var cuts = new Cuts();
        new CredentialSearch(text, known, cuts).Run();
        return cuts;
    }

    private static string Redact(string text, KnownSecrets known, Func<string, KnownSecrets, Cuts> find)
    {
        var cuts = find(text, known);
        var redacted = cuts.Apply(text);
        // What one place of the text gave away is a credential at the others, too, where it may be escaped.
        if (cuts.Learned.Count > 0 && known.WithLearned(cuts.Learned) is var more
            && (DecodedText.MayHide(redacted) || more.AreIn(redacted)))
        {
            redacted = find(text, more).Apply(text);
        }

        // A secret with quotes in it may lie across several strings of JSON.
        return known.TakeOut(redacted);
    }
}
