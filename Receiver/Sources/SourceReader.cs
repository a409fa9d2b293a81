using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Turns configuration into sources, finding every error at once, each under its key.</summary>
public static class SourceReader
{
    private const string Section = "Webhooks:Sources";
    private const int MaxBodyBytes = 32 * 1024 * 1024;
    private const int MaxInflatedBytes = 64 * 1024 * 1024;

    /// <summary>Reads all sources.</summary>
    /// <param name="isDevelopment">Whether sources may go without a signature.</param>
    /// <param name="errors">What is wrong, each entry naming its key; empty when all is well. Secrets are never quoted.</param>
    public static IReadOnlyDictionary<string, Source> Read(IConfiguration configuration, bool isDevelopment, out IReadOnlyList<string> errors)
    {
        var found = new List<string>();
        var schemes = SchemeReader.Read(configuration, isDevelopment, found);
        var sources = new Dictionary<string, Source>(StringComparer.OrdinalIgnoreCase);
        foreach (var section in configuration.GetSection(Section).GetChildren())
        {
            if (Settings.Bind<SourceOptions>(section, found) is { } options
                && ReadOne(section.Key, options, schemes, configuration, found) is { } source)
            {
                sources[source.Name] = source;
            }
        }

        errors = found;
        return sources;
    }

    private static Source? ReadOne(
        string name,
        SourceOptions options,
        IReadOnlyDictionary<string, SignatureScheme> schemes,
        IConfiguration configuration,
        List<string> errors)
    {
        var before = errors.Count;
        var path = $"{Section}:{name}";
        if (!Settings.NameRule().IsMatch(name))
        {
            errors.Add($"{path}: a source's name has 1 to 64 of the characters a-z, 0-9 and '-'.");
        }

        if (SchemeReader.Find(path, options.Scheme, schemes, errors) is not { } scheme)
        {
            return null;
        }

        var secretKeys = SecretReader.KeysOf(name, options);
        var keys = scheme.IsUnsigned ? [] : SecretReader.Read(path, secretKeys, options, scheme, configuration, errors);
        var deliveryId = Settings.ReadLocator($"{path}:DeliveryId", options.DeliveryId, errors);
        var eventType = Settings.ReadLocator($"{path}:EventType", options.EventType, errors);
        CheckLimits(path, options, errors);
        if (!SourcePayloads.ByName.TryGetValue(options.Payload, out var payload))
        {
            errors.Add($"{path}:Payload is '{options.Payload}'; known are {string.Join(", ", SourcePayloads.ByName.Keys.Order(StringComparer.Ordinal))}.");
        }

        var replies = SchemeReplies.Of(options.Scheme).With(path, options.Replies, errors);
        var token = configuration[options.VerifyTokenKey ?? $"WEBHOOK_VERIFY_TOKEN_{Settings.KeyPart(name)}"];
        return errors.Count > before
            ? null
            : new(
                name,
                scheme,
                keys,
                secretKeys,
                options.Url,
                deliveryId,
                eventType,
                options.Tolerance,
                options.MaxBodyBytes,
                options.MaxInflatedBytes,
                options.RateLimit,
                options.Path,
                options.ContinueTrace,
                string.IsNullOrEmpty(token) ? null : new Secret(token),
                payload,
                replies);
    }

    private static void CheckLimits(string path, SourceOptions options, List<string> errors)
    {
        Settings.CheckTolerance($"{path}:Tolerance", options.Tolerance, errors);
        if (options.Url is not null && !(Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Fragment == ""))
        {
            errors.Add($"{path}:Url is '{options.Url}'; it is an absolute http or https URL without a fragment.");
        }

        if (options.MaxBodyBytes is < 1 or > MaxBodyBytes)
        {
            errors.Add($"{path}:MaxBodyBytes is {options.MaxBodyBytes}; it goes from 1 to {MaxBodyBytes}.");
        }

        if (options.MaxInflatedBytes is < 1 or > MaxInflatedBytes)
        {
            errors.Add($"{path}:MaxInflatedBytes is {options.MaxInflatedBytes}; it goes from 1 to {MaxInflatedBytes}.");
        }

        if (options.Path is { } otherPath && !Settings.PathRule().IsMatch(otherPath))
        {
            errors.Add($"{path}:Path is '{otherPath}'; it begins with a slash and has the characters a-z, 0-9, '-' and '/'.");
        }

        CheckRateLimit($"{path}:RateLimit", options.RateLimit, errors);
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
}
