namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Takes credentials out of text: the secrets it was given, in the usual encodings, and known credential shapes.
/// The service defaults register one that knows every secret of the process's configuration. Safe for concurrent use.</summary>
public sealed class Redactor
{
    /// <summary>What stands where a credential was.</summary>
    public const string Replacement = "***redacted***";

    private readonly Lock _learning = new();
    private volatile KnownSecrets _known;
    private volatile SharedSecrets _shared = SharedSecrets.None;

    /// <param name="secrets">Values to redact; those shorter than 8 characters are ignored.</param>
    public Redactor(IEnumerable<string> secrets) => _known = new(secrets.SelectMany(SecretForms.Of));

    /// <summary>Returns <paramref name="text"/> without credentials, the same instance where it has none. What was JSON
    /// still is.</summary>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var redacted = TakeOut(text);
        var clean = ReferenceEquals(redacted, text);
        if (JsonText.Redact(text, clean, this) is not { } json)
        {
            return redacted;
        }

        // A secret with quotes in it may lie across several strings.
        return (clean && ReferenceEquals(json, text)) || ReferenceEquals(TakeOutSecrets(json), json) ? json : redacted;
    }

    /// <summary>Returns the <paramref name="value"/> of a field without credentials: nothing of it where the field's
    /// <paramref name="name"/> says that it is one (<c>Authorization</c>, <c>access_token</c>).</summary>
    public string Redact(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (CredentialName.Is(name))
        {
            return Replacement;
        }

        // Some shapes count only beside their provider's name: datadog_key=0123…
        var redacted = Redact(value);
        return RedactionPatterns.HasKeyword(name) ? RedactAssigned(name, redacted) : redacted;
    }

    /// <summary>
    /// Returns an identifier, or a text that has to stay as it was sent, without the given secrets and without the credentials
    /// that show by themselves what they are (<c>ghp_…</c>, a private key); the same instance where it has none. Nothing is
    /// judged by a name or by the words before it: <c>password:reset</c> and "the token: it is at reception" stay.
    /// </summary>
    public string RedactKnown(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return RedactionPatterns.TakeOut(TakeOutSecrets(text), onlyThoseThatShow: true);
    }

    /// <summary>Whether <see cref="Redact(string, string)"/> may change the value; false for most that it would not, without an
    /// allocation.</summary>
    internal bool MayChange(ReadOnlySpan<char> name, ReadOnlySpan<char> value) =>
        CredentialName.Is(name) || RedactionPatterns.HasKeyword(name)
        || _known.AreIn(value) || _shared.AreIn(value) || RedactionPatterns.MayFind(value) || JsonText.MayBe(value);

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
    public void LearnFingerprints(IEnumerable<SecretFingerprint> fingerprints, byte[] salt) => _shared = new(fingerprints, salt);

    /// <summary>As <see cref="Redact(string)"/>, whatever the text is.</summary>
    internal string TakeOut(string text) => RedactionPatterns.TakeOut(TakeOutSecrets(text));

    private string TakeOutSecrets(string text) => _shared.TakeOut(_known.TakeOut(text));

    private static string RedactAssigned(string name, string value)
    {
        var assignment = $"{name}=";
        var text = assignment + value;
        var redacted = RedactionPatterns.TakeOut(text);
        return !ReferenceEquals(redacted, text) && redacted.StartsWith(assignment, StringComparison.Ordinal)
            ? redacted[assignment.Length..]
            : value;
    }
}
