using System.Collections.Frozen;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>How sure a name is of being a credential's, and so what its value must look like to be one.</summary>
internal enum NameKind
{
    /// <summary>No credential's.</summary>
    None,

    /// <summary>A key of whatever kind: only a long value that looks random counts.</summary>
    Key,

    /// <summary>A word that also stands for harmless things: the value must look random.</summary>
    Random,

    /// <summary>The value must not be an ordinary word or a number.</summary>
    Mixed,

    /// <summary>A short code: digits, or as above.</summary>
    Code,

    /// <summary>Any value counts.</summary>
    Certain,

    /// <summary>Cookies: the value counts when it assigns something.</summary>
    Cookie,

    /// <summary>Any value counts, and in text all of its line.</summary>
    Authorization,
}

/// <summary>The one rule of names: of fields, of settings, and of what is assigned in a text.</summary>
internal static class CredentialName
{
    /// <summary>Longer names are judged by their end.</summary>
    public const int MaxLength = 64;

    private const int MaxWords = 24;
    private const int MaxWordsOfKnown = 4;

    // A squashed name (PGPASSWORD, accesstoken) cannot be told into words: it counts by its end when that is no short word.
    private const int MinEnding = 5;

    // Words in lower case; how a name separates them does not matter. The longest name that a name ends with decides.
    private static readonly (NameKind Kind, string[] Names)[] Known =
    [
        (NameKind.Authorization, ["authorization"]),
        (NameKind.Cookie, ["cookie"]),
        (NameKind.Certain,
        [
            "token", "secret", "password", "passwd", "passphrase", "passcode", "pass phrase", "pass word", "pass code",
            "pass key", "pwd", "pw", "psw", "pswd", "psk", "user pass", "db pass", "root pass", "smtp pass", "ftp pass",
            "storepass", "keypass", "bindpw", "rootpw", "requirepass", "masterauth", "auth pass",
            "api key", "access key", "secret key", "private key", "priv key", "account key", "signing key", "encryption key",
            "decryption key", "enc key", "aes key", "cipher key", "auth key", "app key", "application key", "master key",
            "license key", "subscription key", "shared key", "session key", "hmac key", "ssh key", "admin key", "crypto key",
            "pre shared key", "unseal key", "recovery key", "sas key", "client key data", "client assertion", "code verifier",
            "mnemonic", "seed phrase", "recovery phrase", "security answer", "secret answer",
            "passwort", "kennwort", "contrasena", "contraseña", "senha", "wachtwoord", "mot de passe",
        ]),
        (NameKind.Code,
        [
            "otp", "totp", "cvv", "cvc", "pin", "puk", "otp code", "mfa code", "2fa code", "totp code", "sms code",
            "security code", "verification code", "confirmation code", "recovery code", "backup code", "one time code",
            "access code", "login code", "pairing code", "activation code",
        ]),
        (NameKind.Mixed,
        [
            "pass", "creds", "cred", "credential", "credentials", "server key", "service key", "service account key",
            "function key", "functions key", "consumer key", "developer key", "dev key", "webhook key",
            "jsession id", "php sess id", "sess id", "connect sid",
        ]),
        (NameKind.Random,
        [
            "auth", "oauth", "bearer", "jwt", "pat", "csrf", "xsrf", "session id", "assertion", "auth code", "authorization code",
            "device code", "authentication",
        ]),
        (NameKind.Key, ["key"]),
        (NameKind.None,
        [
            // They say where to go on, whom to stop, or which request it is.
            "next token", "page token", "previous token", "prev token", "continuation token", "continue token",
            "pagination token", "paging token", "sync token", "delta token", "skip token", "resume token", "change token",
            "concurrency token", "cursor token", "cancellation token", "cancel token", "stopping token", "idempotency token",
            "client request token", "postman token", "device token", "lifecycle action token", "rotation token",
            "public key token", "eos token", "bos token", "pad token", "unk token", "mask token", "cls token", "sep token",
            "first token", "per token", "color token", "design token",
            "public key", "primary key", "foreign key", "partition key", "sort key", "range key", "cache key", "routing key",
            "object key", "idempotency key", "deploy key", "host key", "map key", "row key", "message key", "group key",
            "issue key", "project key", "dedup key", "lookup key", "registry key", "natural key", "unique key", "composite key",
            "feature key", "translation key", "i18n key", "locale key", "s3 key", "lock key", "hash key", "search key",
            "site key", "document key",
        ]),
    ];

    // By themselves; a verification_session and a MessageSid say which one it is, and an error_code is none.
    private static readonly FrozenDictionary<string, NameKind> Whole = new Dictionary<string, NameKind>(StringComparer.Ordinal)
    {
        ["session"] = NameKind.Random, ["sid"] = NameKind.Random, ["api"] = NameKind.Random, ["code"] = NameKind.Key,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // They stand behind a name without changing what its value is: token_value, SECRET_KEY_BASE, password2.
    private static readonly FrozenSet<string> Neutral = Words(
        "value val string str text plain plaintext clear raw base hex confirmation confirm repeat again old new current "
            + "previous v");

    // Behind a credential's name these say that the value is about it: a token's id, a password's hint.
    private static readonly FrozenSet<string> About = Words(
        "id ids uuid guid arn kid url urls uri uris endpoint host hostname domain server path file filename dir folder ref "
            + "reference sha sha1 sha256 "
        + "commit digest fingerprint thumbprint checksum hint type types kind name names email username user owner scope "
            + "scopes version algorithm alg "
        + "date time timestamp at on in expires expiry expiration expired ttl age created updated modified changed issued "
            + "used count limit length "
        + "size total region issuer audience prefix suffix last4 status state policy rule format field label question link "
            + "page reset location");

    private static readonly FrozenSet<string> Articles = Words("a an the my your some example");

    private static readonly FrozenDictionary<string, NameKind> Kinds = Known
        .SelectMany(row => row.Names.Select(name => KeyValuePair.Create(Squashed(name), row.Kind)))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, NameKind>.AlternateLookup<ReadOnlySpan<char>> KindsBySpan =
        Kinds.GetAlternateLookup<ReadOnlySpan<char>>();

    // By their last letter, because every tag of every span is compared with them. Longest first: nextpagetoken is no token.
    private static readonly FrozenDictionary<char, (string Ending, NameKind Kind)[]> Endings = Kinds
        .Where(pair => pair.Key.Length >= MinEnding && pair.Value is not (NameKind.Random or NameKind.Key or NameKind.Code))
        .OrderByDescending(pair => pair.Key.Length)
        .GroupBy(pair => pair.Key[^1], pair => (pair.Key, pair.Value))
        .ToFrozenDictionary(group => group.Key, group => group.ToArray());

    /// <summary>All names that the rule knows as a credential's, in lower-case words.</summary>
    public static IEnumerable<(NameKind Kind, string Name)> All =>
        Known.Where(row => row.Kind != NameKind.None).SelectMany(row => row.Names.Select(name => (row.Kind, name)))
            .Concat(Whole.Select(name => (name.Value, name.Key)));

    /// <summary>What is looked for in a text to find such names: a word of each, in lower case.</summary>
    public static IReadOnlyList<string> Stems { get; } =
    [
        "token", "secret", "pass", "pwd", "key", "auth", "cookie", "cred", "sess", "sid", "otp", "cvv", "cvc", "pin", "mfa",
        "2fa", "sms", "code", "psk", "bearer", "jwt", "pat", "api", "csrf", "xsrf", "assertion", "verifier", "mnemonic", "phrase",
        "security", "puk", "psw", "pswd", "pw", "bindpw", "rootpw", "kennwort", "contrase", "senha", "wachtwoord",
        // Of three letters a word is found by what stands behind it: clientKeyData, apiKeyGithub.
        .. Known.SelectMany(row => row.Names).Where(name => name.Contains(" key", StringComparison.Ordinal)).Select(Squashed),
    ];

    /// <summary>What the name says of its value: of <c>Authorization</c>, <c>access_token</c>, <c>X-Api-Key</c>,
    /// <c>spring.datasource.password</c>, <c>SECRET_KEY_BASE</c>. Its end decides; a <c>token_type</c> is none.</summary>
    public static NameKind Of(ReadOnlySpan<char> name)
    {
        Span<char> letters = stackalloc char[MaxLength];
        Span<int> starts = stackalloc int[MaxWords];
        var (length, count) = Split(name.Length > MaxLength ? name[^MaxLength..] : name, letters, starts);
        var isStrict = false;
        for (var trimmed = 0; trimmed < 4 && length > 0; trimmed++)
        {
            if (Find(letters[..length], starts[..count]) is { } kind)
            {
                return isStrict ? Weakened(kind) : kind;
            }

            if (count == 1 && !isStrict && Whole.GetAlternateLookup<ReadOnlySpan<char>>()
                .TryGetValue(letters[..length], out var whole))
            {
                return whole;
            }

            count--;
            var last = letters[starts[count]..length];
            if (About.GetAlternateLookup<ReadOnlySpan<char>>().Contains(last))
            {
                return NameKind.None;
            }

            // WEBHOOK_SECRET_GITHUB may be one; a secret_name is not.
            isStrict |= !char.IsAsciiDigit(last[0]) && !Neutral.GetAlternateLookup<ReadOnlySpan<char>>().Contains(last);
            length = starts[count];
        }

        return NameKind.None;
    }

    /// <summary>Whether the name says that its value is about a credential: an id, an expiry.</summary>
    public static bool IsAbout(ReadOnlySpan<char> name)
    {
        Span<char> letters = stackalloc char[MaxLength];
        Span<int> starts = stackalloc int[MaxWords];
        var (length, count) = Split(name.Length > MaxLength ? name[^MaxLength..] : name, letters, starts);
        return count == 0 || About.GetAlternateLookup<ReadOnlySpan<char>>().Contains(letters[starts[count - 1]..length]);
    }

    /// <summary>Whether the name alone says so, whatever its value looks like.</summary>
    public static bool Is(ReadOnlySpan<char> name) => Of(name) >= NameKind.Mixed;

    /// <summary>Whether a value only says its name once more: aToken, the_api_key, OutputToken.</summary>
    public static bool IsRepeated(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (value.Length > MaxLength || name.Length > MaxLength || value.IsEmpty)
        {
            return false;
        }

        Span<char> letters = stackalloc char[MaxLength];
        Span<char> said = stackalloc char[MaxLength];
        Span<int> starts = stackalloc int[MaxWords];
        var length = Split(name, letters, starts).Length;
        var (saidLength, count) = Split(value, said, starts);
        var first = count > 1 && Articles.GetAlternateLookup<ReadOnlySpan<char>>().Contains(said[..starts[1]]) ? starts[1] : 0;
        return saidLength - first >= MinEnding && letters[..length].EndsWith(said[first..saidLength]);
    }

    // What stands behind the name changes what its value is, nobody knows how.
    private static NameKind Weakened(NameKind kind) =>
        kind is NameKind.Certain or NameKind.Authorization ? NameKind.Random : NameKind.None;

    private static NameKind? Find(ReadOnlySpan<char> letters, ReadOnlySpan<int> starts)
    {
        if (FindExactly(letters, starts) is { } kind)
        {
            return kind;
        }

        // One among several is as likely a number or a word: max_tokens, secrets: inherit.
        return letters[^1] == 's' && FindExactly(letters[..^1], starts) is { } one
            ? one is NameKind.Certain or NameKind.Code or NameKind.Authorization ? NameKind.Mixed : one
            : null;
    }

    private static NameKind? FindExactly(ReadOnlySpan<char> letters, ReadOnlySpan<int> starts)
    {
        foreach (var start in starts.Length > MaxWordsOfKnown ? starts[^MaxWordsOfKnown..] : starts)
        {
            if (start < letters.Length && KindsBySpan.TryGetValue(letters[start..], out var kind))
            {
                return kind;
            }
        }

        foreach (var (ending, kind) in letters.IsEmpty ? [] : Endings.GetValueOrDefault(letters[^1], []))
        {
            if (letters.EndsWith(ending))
            {
                return kind;
            }
        }

        return null;
    }

    // The name's letters in lower case, and where in them its words begin.
    private static (int Length, int Words) Split(ReadOnlySpan<char> name, Span<char> letters, Span<int> starts)
    {
        var (length, words) = (0, 0);
        var previous = '\0';
        for (var at = 0; at < name.Length; at++)
        {
            var character = name[at];
            if (char.IsLetterOrDigit(character))
            {
                if (IsStart(previous, character, at + 1 < name.Length ? name[at + 1] : '\0'))
                {
                    // Of a name with more words the last ones count.
                    if (words == starts.Length)
                    {
                        starts[1..].CopyTo(starts);
                        words--;
                    }

                    starts[words++] = length;
                }

                letters[length++] = char.ToLowerInvariant(character);
            }

            previous = character;
        }

        return (length, words);
    }

    // apiKey, APIKey, password2, 2fa
    private static bool IsStart(char previous, char character, char next) =>
        !char.IsLetterOrDigit(previous)
        || char.IsDigit(previous) != char.IsDigit(character)
        || (char.IsUpper(character) && (!char.IsUpper(previous) || char.IsLower(next)));

    private static string Squashed(string name) => name.Replace(" ", "", StringComparison.Ordinal);

    private static FrozenSet<string> Words(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
