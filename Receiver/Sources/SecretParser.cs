using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Reads the secrets of a source. Errors never contain a secret.</summary>
internal static class SecretParser
{
    /// <summary>Returns the configuration keys of the secrets of a source.</summary>
    public static IReadOnlyList<string> KeysOf(string name, SourceOptions options) => options.Secrets.Count > 0
        ? [.. options.Secrets.Select(secret => secret.Key ?? "")]
        : [SourceKeys.Secret(name)];

    /// <summary>Returns the secrets that are set, including expired ones.</summary>
    public static IReadOnlyList<SigningKey> Read(
        string path,
        IReadOnlyList<string> keys,
        SourceOptions options,
        SignatureScheme scheme,
        IConfiguration configuration,
        List<string> errors)
    {
        var before = errors.Count;
        var found = new List<SigningKey>();
        for (var i = 0; i < keys.Count; i++)
        {
            var expiresAt = ReadTime($"{path}:Secrets:{i}:ExpiresAt", options.Secrets.ElementAtOrDefault(i)?.ExpiresAt, errors);
            if (keys[i].Length > 0 && configuration[keys[i]] is { Length: > 0 } value)
            {
                Parse(keys[i], path, value, expiresAt, scheme, found, errors);
            }
        }

        // If a key itself is not set, the binder has already reported the error.
        if (found.Count == 0 && errors.Count == before && keys.All(key => key.Length > 0))
        {
            errors.Add($"{path} has no secret: set {string.Join(" or ", keys)}.");
        }

        return found;
    }

    private static void Parse(
        string key, string path, string value, DateTimeOffset? expiresAt, SignatureScheme scheme, List<SigningKey> found,
        List<string> errors)
    {
        if (char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1]))
        {
            // Providers do not create such secrets. They come from files that end with a line break, and no signature would
            // match.
            errors.Add($"{key} (of {path}): the secret begins or ends with white space.");
            return;
        }

        try
        {
            var parsed = SigningKey.Parse(new Secret(value), scheme.KeyEncoding, expiresAt);
            if (scheme.Versions.Any(version => parsed.Fits(version.Algorithm)))
            {
                found.Add(parsed);
            }
            else
            {
                errors.Add($"{key} (of {path}): the secret is no key for {scheme.Versions[0].Algorithm}.");
            }
        }
        catch (FormatException exception)
        {
            errors.Add($"{key} (of {path}): {exception.Message}");
        }
    }

    private static DateTimeOffset? ReadTime(string key, string? text, List<string> errors)
    {
        if (text is null)
        {
            return null;
        }

        if ((Iso8601.Parse(text) ?? Iso8601.Parse($"{text}Z") ?? Iso8601.Parse($"{text}T00:00:00Z")) is { } time)
        {
            return time;
        }

        errors.Add($"{key} is '{text}'; it is a time such as 2026-12-31T00:00:00Z.");
        return null;
    }
}
