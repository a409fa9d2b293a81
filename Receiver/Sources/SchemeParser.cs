using System.Text.RegularExpressions;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Creates signature schemes from options. It finds all errors, each of which begins with its key.</summary>
internal static partial class SchemeParser
{
    private const string Unsigned = "none";

    /// <summary>
    /// Returns the schemes that sources can use: the built-in ones, the configured ones, and in Development <c>none</c>.
    /// </summary>
    public static IReadOnlyDictionary<string, SignatureScheme> Read(
        SchemesOptions configured, bool isDevelopment, List<string> errors)
    {
        var schemes = new Dictionary<string, SignatureScheme>(SignatureSchemes.ByName, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, options) in configured)
        {
            var path = $"{SchemesOptions.Section}:{name}";
            if (!Settings.NameRule().IsMatch(name))
            {
                errors.Add($"{path}: a scheme's name has 1 to 64 of the characters a-z, 0-9 and '-'.");
            }
            else if (schemes.ContainsKey(name) || name == Unsigned)
            {
                errors.Add($"{path}: the name is taken by a scheme that ships.");
            }
            else if (ReadOne(path, options, errors) is { } scheme)
            {
                schemes[name] = scheme;
            }
        }

        if (isDevelopment)
        {
            schemes[Unsigned] = SignatureScheme.None;
        }

        return schemes;
    }

    /// <summary>Returns the scheme of a source; null, with an error, when it does not exist.</summary>
    public static SignatureScheme? Find(
        string path, string? name, IReadOnlyDictionary<string, SignatureScheme> schemes, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            // The binder has already reported the error.
            return null;
        }

        if (schemes.TryGetValue(name, out var scheme))
        {
            return scheme;
        }

        errors.Add(string.Equals(name, Unsigned, StringComparison.OrdinalIgnoreCase)
            ? $"{path}:Scheme is 'none', which accepts requests from anybody; it exists in Development only."
            : $"{path}:Scheme is '{name}'; known are {string.Join(", ", schemes.Keys.Order(StringComparer.Ordinal))}.");
        return null;
    }

    private static SignatureScheme? ReadOne(string path, SchemeOptions options, List<string> errors)
    {
        var before = errors.Count;
        CheckHeaders(path, options, errors);
        CheckEntries(path, options, errors);
        var content = ReadContent(path, options, errors);
        var scheme = new SignatureScheme
        {
            SignatureHeader = options.SignatureHeader ?? "",
            SignatureAt = Settings.ReadLocator($"{path}:SignatureAt", options.SignatureAt, errors),
            Separator = options.Separator is { Length: 1 } separator ? separator[0] : null,
            Versions = options.Versions.Count == 0
                ? [new(options.Prefix, options.Algorithm, options.Encoding)]
                : [.. options.Versions.Select(version =>
                    new SignatureVersion(version.Prefix, version.Algorithm, version.Encoding))],
            TimestampHeader = options.TimestampHeader,
            TimestampPrefix = options.TimestampPrefix,
            TimestampAt = Settings.ReadLocator($"{path}:TimestampAt", options.TimestampAt, errors),
            TimestampFormat = options.TimestampFormat,
            IdHeader = options.IdHeader,
            IdAt = Settings.ReadLocator($"{path}:IdAt", options.IdAt, errors),
            Content = content ?? SignatureScheme.None.Content,
            Tolerance = options.Tolerance,
            KeyEncoding = options.KeyEncoding,
            Keys = ReadKeys(path, options, errors),
            IdentityAt = Settings.ReadLocator($"{path}:IdentityAt", options.IdentityAt, errors),
            BodyHashClaim = options.BodyHashClaim,
            DeliveryId = Settings.ReadLocator(
                $"{path}:DeliveryId", options.DeliveryId ?? (options.IdHeader is { } id ? $"header:{id}" : "digest"), errors)
                ?? SignatureScheme.None.DeliveryId,
            EventType = Settings.ReadLocator($"{path}:EventType", options.EventType, errors) ?? SignatureScheme.None.EventType,
            BodyFormats = options.BodyFormats,
            Handshakes = [.. options.Handshakes.Index().Select(handshake =>
                ReadHandshake($"{path}:Handshakes:{handshake.Index}", handshake.Item, errors)).OfType<Handshake>()],
        };
        CheckKey(path, scheme, errors);
        if (content is not null)
        {
            CheckCover(path, options, scheme, errors);
        }

        return errors.Count > before ? null : scheme;
    }

    private static FetchedKeys? ReadKeys(string path, SchemeOptions options, List<string> errors)
    {
        var place = Settings.ReadLocator($"{path}:KeyUrlAt", options.KeyUrlAt, errors);
        if (options.KeyUrl is null && place is null)
        {
            if (options.KeyHosts.Count > 0 || options.IdentityAt is not null)
            {
                errors.Add($"{path}:KeyHosts and IdentityAt are for keys that are fetched: set KeyUrl or KeyUrlAt.");
            }

            return null;
        }

        if (options.KeyUrl is not null && place is not null)
        {
            errors.Add($"{path} has both KeyUrl and KeyUrlAt; the keys are in one place.");
        }

        Uri? url = null;
        if (options.KeyUrl is { } text
            && (!Uri.TryCreate(text, UriKind.Absolute, out url) || url.Scheme is not ("https" or "http")))
        {
            errors.Add($"{path}:KeyUrl is '{text}'; it is an absolute URL.");
        }

        if (place is not null && options.KeyHosts.Count == 0)
        {
            errors.Add($"{path}:KeyHosts is not set: a request could name any host as that of its key.");
        }

        errors.AddRange(options.KeyHosts.Where(host => !HostRule().IsMatch(host)).Select(host =>
            $"{path}:KeyHosts has '{host}', which is no host's name; '*' is one label, and not one of the last two."));
        return new(options.KeyHosts is [] && url is not null ? [url.Host] : options.KeyHosts, options.KeyUrl, place);
    }

    private static Handshake? ReadHandshake(string path, HandshakeOptions options, List<string> errors)
    {
        var before = errors.Count;
        var method = options.Method.ToUpperInvariant();
        if (method is not ("POST" or "GET" or "HEAD" or "OPTIONS"))
        {
            errors.Add($"{path}:Method is '{options.Method}'; known are POST, GET, HEAD and OPTIONS.");
        }
        else if (options.IsSigned && method != "POST")
        {
            errors.Add($"{path}:IsSigned is true, but a {method} has no body to sign.");
        }

        var headers = options.Headers.Select(header => header.Split(':', 2)).ToList();
        errors.AddRange(headers.Where(header => header.Length < 2 || !HeaderRule().IsMatch(header[0])).Select(header =>
            $"{path}:Headers has '{header[0]}', which is no header such as 'X-Name: {{challenge}}'."));
        var challenge = Settings.ReadLocator($"{path}:Challenge", options.Challenge, errors);
        if (challenge is null && options.Challenge is null
            && (options.Body + string.Concat(options.Headers) is var text
                && (text.Contains(Handshake.ChallengeField, StringComparison.Ordinal)
                || text.Contains("{hmac", StringComparison.Ordinal)) || options.Action != HandshakeAction.None))
        {
            errors.Add($"{path}:Challenge is not set, but the answer needs it.");
        }

        var conditions = new List<FieldCondition>();
        foreach (var condition in options.When)
        {
            try
            {
                conditions.Add(FieldCondition.Parse(condition));
            }
            catch (FormatException exception)
            {
                errors.Add($"{path}:When: {exception.Message}");
            }
        }

        var token = Settings.ReadLocator($"{path}:Token", options.Token, errors);
        if (method != "HEAD" && conditions.Count == 0 && challenge is null && token is null)
        {
            errors.Add($"{path} has neither When nor Challenge nor Token, so that every request would be this handshake.");
        }

        return errors.Count > before
            ? null
            : new()
            {
                Name = options.Name,
                Method = method,
                IsSigned = options.IsSigned,
                When = conditions,
                Challenge = challenge,
                Token = token,
                Status = options.Status,
                Body = options.Body,
                ContentType = options.ContentType,
                Headers = headers.ToDictionary(
                    header => header[0], header => header[1].Trim(), StringComparer.OrdinalIgnoreCase),
                Action = options.Action,
            };
    }

    private static void CheckHeaders(string path, SchemeOptions options, List<string> errors)
    {
        if (string.IsNullOrEmpty(options.SignatureHeader) && options.SignatureAt is null)
        {
            errors.Add($"{path}:SignatureHeader is not set, nor is SignatureAt.");
        }

        (string Key, string? Name)[] headers =
        [
            ("SignatureHeader", options.SignatureHeader is { Length: > 0 } name
                ? name.Replace(SignatureScheme.Number, "1", StringComparison.Ordinal)
                : null), ("TimestampHeader", options.TimestampHeader),
            ("IdHeader", options.IdHeader),
        ];
        errors.AddRange(headers
            .Where(header => header.Name is not null && !HeaderRule().IsMatch(header.Name))
            .Select(header => $"{path}:{header.Key} is '{header.Name}', which is no header's name."));
    }

    private static void CheckEntries(string path, SchemeOptions options, List<string> errors)
    {
        // A character that can be part of a signature cannot separate signatures.
        if (options.Separator is { } separator
            && (separator.Length != 1 || char.IsAsciiLetterOrDigit(separator[0]) || "+/=".Contains(separator[0])))
        {
            errors.Add($"{path}:Separator is '{separator}'; it is one character, and none of base64's.");
        }

        if (options.Separator is { Length: 1 } && (options.Prefix + options.TimestampPrefix)
            .Contains(options.Separator, StringComparison.Ordinal))
        {
            errors.Add($"{path}:Separator occurs in Prefix or TimestampPrefix.");
        }

        if (options.TimestampPrefix is not { } prefix)
        {
            return;
        }

        if (options.TimestampHeader is not null)
        {
            errors.Add($"{path} has both TimestampHeader and TimestampPrefix; the time is in one place.");
        }

        if (options.Separator is null || prefix.Length == 0 || options.Prefix.Length == 0
            || prefix.StartsWith(options.Prefix, StringComparison.Ordinal)
                || options.Prefix.StartsWith(prefix, StringComparison.Ordinal))
        {
            errors.Add($"{path}:TimestampPrefix needs a Separator and a Prefix, and neither prefix may begin with the other.");
        }
    }

    private static void CheckKey(string path, SignatureScheme scheme, List<string> errors)
    {
        foreach (var algorithm in scheme.Versions.Select(version => version.Algorithm))
        {
            var fits = algorithm switch
            {
                SignatureAlgorithm.Ed25519 => scheme.KeyEncoding is KeyEncoding.Ed25519 or KeyEncoding.StandardWebhooks,
                SignatureAlgorithm.EcdsaP256 or SignatureAlgorithm.RsaSha256 or SignatureAlgorithm.RsaSha1
                    or SignatureAlgorithm.Jwt => scheme.Keys is not null || scheme.KeyEncoding == KeyEncoding.PublicKey,
                _ => scheme.KeyEncoding is not (KeyEncoding.Ed25519 or KeyEncoding.PublicKey),
            };
            if (!fits)
            {
                errors.Add($"{path}:KeyEncoding is {scheme.KeyEncoding}, which makes no key for {algorithm}.");
            }
            else if (scheme.Keys is not null && algorithm is SignatureAlgorithm.HmacSha1 or SignatureAlgorithm.HmacSha256
                or SignatureAlgorithm.HmacSha512 or SignatureAlgorithm.Token or SignatureAlgorithm.Ed25519)
            {
                errors.Add($"{path}:Algorithm is {algorithm}, whose key is not fetched.");
            }
        }

        if (scheme.Versions.Count > 1 && scheme.Versions.Any(version => version.Algorithm == SignatureAlgorithm.Jwt))
        {
            errors.Add($"{path}:Versions has Jwt, which stands alone.");
        }
    }

    private static void CheckCover(string path, SchemeOptions options, SignatureScheme scheme, List<string> errors)
    {
        if (options.CoversBody && !scheme.CoversBody)
        {
            errors.Add($"{path}:CoversBody is true, but {(scheme.Content.CoversBody ? "the Algorithm" : "Content")} leaves out "
                + "{body}: nothing would protect the payload.");
        }

        // The identity must be part of what is verified, or a signature for anybody would do.
        var isJwt = scheme.Versions.Any(version => version.Algorithm == SignatureAlgorithm.Jwt);
        if (scheme.Keys is not null && !isJwt && scheme.IdentityAt is null && !scheme.Content.Has(SignedField.Identity))
        {
            errors.Add($"{path}:Content has no {{identity}} and IdentityAt is not set: public keys sign for anybody.");
        }

        // Anybody could have a body signed that is then sent as an event.
        if (scheme.Handshakes.Any(handshake => handshake is { SignsChallenge: true, IsSigned: false })
            && !(scheme.Content.IsBodyAlone && scheme.BodyFormats == Payloads.BodyFormats.Json))
        {
            errors.Add($"{path}:Handshakes: an HMAC for anybody is safe only where Content is {{body}} and BodyFormats is Json.");
        }
    }

    private static SignedContent? ReadContent(string path, SchemeOptions options, List<string> errors)
    {
        SignedContent content;
        try
        {
            content = options.CoversBody ? SignedContent.Parse(options.Content) : SignedContent.ParsePartial(options.Content);
        }
        catch (FormatException exception)
        {
            errors.Add($"{path}:Content: {exception.Message}");
            return null;
        }

        // A time that is not signed can be forged. One in the body is signed with it.
        var hasTime = options.TimestampHeader is not null || options.TimestampPrefix is not null;
        var isInBody = options.TimestampAt is not null && content.CoversBody;
        if (content.Has(SignedField.Timestamp) != (hasTime || options.TimestampAt is not null) && !isInBody)
        {
            errors.Add(
                $"{path}:Content has {{timestamp}} if and only if TimestampHeader, TimestampPrefix or TimestampAt is set.");
        }

        if (content.Has(SignedField.Id) && options.IdHeader is null && options.IdAt is null)
        {
            errors.Add($"{path}:Content has {{id}}, but neither IdHeader nor IdAt is set.");
        }

        return content;
    }

    // A wildcard for one of the last two labels would be every domain.
    [GeneratedRegex(
        @"\A([a-z0-9-]+|(([a-z0-9-]+|\*)\.)*[a-z0-9-]+\.[a-z0-9-]+|\d{1,3}(\.\d{1,3}){3})\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex HostRule();

    // RFC 9110, section 5.6.2.
    [GeneratedRegex(@"\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex HeaderRule();
}
