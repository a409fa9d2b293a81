using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Turns configuration into sources, finding every error at once, each under its key.</summary>
public static class SourceReader
{
    private const string Section = "Webhooks:Sources";
    private const int MaxBodyBytes = 32 * 1024 * 1024;

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
        var deliveryId = Settings.ReadLocator($"{path}:DeliveryId", options.DeliveryId, scheme.DeliveryId, errors);
        var eventType = Settings.ReadLocator($"{path}:EventType", options.EventType, scheme.EventType, errors);
        Settings.CheckTolerance($"{path}:Tolerance", options.Tolerance, errors);
        if (options.Url is not null && !(Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Fragment == ""))
        {
            errors.Add($"{path}:Url is '{options.Url}'; it is an absolute http or https URL without a fragment.");
        }

        if (options.MaxBodyBytes is < 1 or > MaxBodyBytes)
        {
            errors.Add($"{path}:MaxBodyBytes is {options.MaxBodyBytes}; it goes from 1 to {MaxBodyBytes}.");
        }

        CheckReplies(path, options.Replies, errors);
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
                SourceReplies.From(options.Replies));
    }

    private static void CheckReplies(string path, ReplyOptions replies, List<string> errors)
    {
        (string Key, int Status, int From, int To)[] statuses =
        [
            ("Accepted:Status", replies.Accepted.Status, 200, 299),
            ("Duplicate:Status", replies.Duplicate.Status, 200, 299),
            ("MissingHeader", replies.MissingHeader, 400, 499),
            ("BadTimestamp", replies.BadTimestamp, 400, 499),
        ];
        errors.AddRange(statuses
            .Where(s => s.Status < s.From || s.Status > s.To)
            .Select(s => $"{path}:Replies:{s.Key} is {s.Status}; it goes from {s.From} to {s.To}."));
    }
}
