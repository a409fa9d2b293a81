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
        CheckKey(path, options, errors);
        var content = ReadContent(path, options, errors);
        var deliveryId = Settings.ReadLocator(
            $"{path}:DeliveryId", options.DeliveryId ?? (options.IdHeader is { } id ? $"header:{id}" : "digest"), errors);
        var eventType = Settings.ReadLocator($"{path}:EventType", options.EventType, errors);
        if (errors.Count > before || string.IsNullOrWhiteSpace(options.SignatureHeader))
        {
            return null;
        }

        return new()
        {
            SignatureHeader = options.SignatureHeader,
            Separator = options.Separator?[0],
            Versions = [new(options.Prefix, options.Algorithm, options.Encoding)],
            TimestampHeader = options.TimestampHeader,
            TimestampPrefix = options.TimestampPrefix,
            IdHeader = options.IdHeader,
            Content = content!,
            Tolerance = options.Tolerance,
            KeyEncoding = options.KeyEncoding,
            DeliveryId = deliveryId!,
            EventType = eventType!,
            BodyFormats = options.BodyFormats,
        };
    }

    private static void CheckHeaders(string path, SchemeOptions options, List<string> errors)
    {
        (string Key, string? Name)[] headers =
        [
            ("SignatureHeader", options.SignatureHeader), ("TimestampHeader", options.TimestampHeader),
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

    private static void CheckKey(string path, SchemeOptions options, List<string> errors)
    {
        var isEd25519 = options.Algorithm == SignatureAlgorithm.Ed25519;
        if (options.KeyEncoding != KeyEncoding.StandardWebhooks && options.KeyEncoding == KeyEncoding.Ed25519 != isEd25519)
        {
            errors.Add($"{path}:KeyEncoding is {options.KeyEncoding}, which makes no key for {options.Algorithm}.");
        }
    }

    private static SignedContent? ReadContent(string path, SchemeOptions options, List<string> errors)
    {
        SignedContent content;
        try
        {
            content = SignedContent.Parse(options.Content);
        }
        catch (FormatException exception)
        {
            errors.Add($"{path}:Content: {exception.Message}");
            return null;
        }

        // A time that is not signed can be forged.
        if (content.Has(SignedField.Timestamp) != (options.TimestampHeader is not null || options.TimestampPrefix is not null))
        {
            errors.Add($"{path}:Content has {{timestamp}} if and only if TimestampHeader or TimestampPrefix is set.");
        }

        if (content.Has(SignedField.Id) && options.IdHeader is null)
        {
            errors.Add($"{path}:Content has {{id}}, but IdHeader is not set.");
        }

        return content;
    }

    // RFC 9110, section 5.6.2.
    [GeneratedRegex(@"\A[!#$%&'*+.^_`|~0-9A-Za-z-]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex HeaderRule();
}
