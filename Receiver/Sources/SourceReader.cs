using System.Text.RegularExpressions;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Turns configuration into sources, finding every error at once, each under its key.</summary>
public static partial class SourceReader
{
    private const string Section = "Webhooks:Sources";
    private const int MaxBodyBytes = 32 * 1024 * 1024;
    private const int MaxInflatedBytes = 64 * 1024 * 1024;

    /// <summary>Reads all sources.</summary>
    /// <param name="errors">What is wrong, each entry naming its key; empty when all is well. Secrets are never quoted.</param>
    public static IReadOnlyDictionary<string, Source> Read(IConfiguration configuration, out IReadOnlyList<string> errors)
    {
        var found = new List<string>();
        var sources = new Dictionary<string, Source>(StringComparer.OrdinalIgnoreCase);
        foreach (var section in configuration.GetSection(Section).GetChildren())
        {
            if (Bind(section, found) is { } options && ReadOne(section.Key, options, configuration, found) is { } source)
            {
                sources[source.Name] = source;
            }
        }

        errors = found;
        return sources;
    }

    private static SourceOptions? Bind(IConfigurationSection section, List<string> errors)
    {
        try
        {
            return section.Get<SourceOptions>() ?? new();
        }
        catch (InvalidOperationException exception)
        {
            // A value that is no number or no time; the message names its key.
            errors.Add(exception.Message);
            return null;
        }
    }

    private static Source? ReadOne(string name, SourceOptions options, IConfiguration configuration, List<string> errors)
    {
        var before = errors.Count;
        var path = $"{Section}:{name}";
        if (!NameRule().IsMatch(name))
        {
            errors.Add($"{path}: a source's name has 1 to 64 of the characters a-z, 0-9 and '-'.");
        }

        if (options.Scheme is null || !SignatureSchemes.ByName.TryGetValue(options.Scheme, out var scheme))
        {
            errors.Add($"{path}:Scheme is '{options.Scheme}'; known are {string.Join(", ", SignatureSchemes.ByName.Keys.Order(StringComparer.Ordinal))}.");
            return null;
        }

        var keys = ReadKeys(path, name, options, scheme, configuration, errors);
        var deliveryId = ReadLocator($"{path}:DeliveryId", options.DeliveryId, errors);
        var eventType = ReadLocator($"{path}:EventType", options.EventType, errors);
        if (options.Tolerance is { } tolerance && (tolerance < TimeSpan.FromSeconds(1) || tolerance > TimeSpan.FromHours(1)))
        {
            errors.Add($"{path}:Tolerance is {tolerance}; it goes from 1 s to 1 h.");
        }

        if (options.MaxBodyBytes is < 1 or > MaxBodyBytes)
        {
            errors.Add($"{path}:MaxBodyBytes is {options.MaxBodyBytes}; it goes from 1 to {MaxBodyBytes}.");
        }

        if (options.MaxInflatedBytes is < 1 or > MaxInflatedBytes)
        {
            errors.Add($"{path}:MaxInflatedBytes is {options.MaxInflatedBytes}; it goes from 1 to {MaxInflatedBytes}.");
        }

        if (options.Path is { } otherPath && !PathRule().IsMatch(otherPath))
        {
            errors.Add($"{path}:Path is '{otherPath}'; it begins with a slash and has the characters a-z, 0-9, '-' and '/'.");
        }

        if (!SourcePayloads.ByName.TryGetValue(options.Payload, out var payload))
        {
            errors.Add($"{path}:Payload is '{options.Payload}'; known are {string.Join(", ", SourcePayloads.ByName.Keys.Order(StringComparer.Ordinal))}.");
        }

        CheckRateLimit($"{path}:RateLimit", options.RateLimit, errors);
        var replies = SourceReplies.Read(path, options.Replies, errors);
        var token = configuration[options.VerifyTokenKey ?? $"WEBHOOK_VERIFY_TOKEN_{KeyPart(name)}"];
        return errors.Count > before
            ? null
            : new(
                name, scheme, keys, deliveryId, eventType, options.Tolerance, options.MaxBodyBytes, options.MaxInflatedBytes,
                options.RateLimit, options.Path, string.IsNullOrEmpty(token) ? null : new Secret(token), payload, replies);
    }

    private static List<SigningKey> ReadKeys(
        string path, string name, SourceOptions options, SignatureScheme scheme, IConfiguration configuration, List<string> errors)
    {
        IReadOnlyList<string> names = options.SecretKeys.Count > 0
            ? options.SecretKeys
            : [$"WEBHOOK_SECRET_{KeyPart(name)}"];
        var keys = new List<SigningKey>();
        foreach (var key in names)
        {
            if (configuration[key] is not { Length: > 0 } value)
            {
                continue;
            }

            try
            {
                keys.Add(SigningKey.Parse(new Secret(value), scheme.KeyEncoding));
            }
            catch (FormatException exception)
            {
                errors.Add($"{key} (of {path}): {exception.Message}");
            }
        }

        if (keys.Count == 0)
        {
            errors.Add($"{path} has no secret: set {string.Join(" or ", names)}.");
        }

        return keys;
    }

    private static string KeyPart(string name) => name.ToUpperInvariant().Replace('-', '_');

    private static FieldLocator? ReadLocator(string key, string? text, List<string> errors)
    {
        try
        {
            return text is null ? null : FieldLocator.Parse(text);
        }
        catch (FormatException exception)
        {
            errors.Add($"{key}: {exception.Message}");
            return null;
        }
    }

    private static void CheckRateLimit(string key, RateLimitOptions? limit, List<string> errors)
    {
        if (limit is { PerSecond: < 1 or > 100_000 })
        {
            errors.Add($"{key}:PerSecond is {limit.PerSecond}; it goes from 1 to 100000.");
        }

        if (limit is { Burst: < 1 or > 1_000_000 })
        {
            errors.Add($"{key}:Burst is {limit.Burst}; it goes from 1 to 1000000.");
        }
    }

    [GeneratedRegex("^(/[a-z0-9-]+)+$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PathRule();

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex NameRule();
}
