using System.Collections.Frozen;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Creates sources from the configuration. It finds all errors, each of which begins with its key.</summary>
public static class SourceParser
{
    /// <summary>Reads all sources; empty when there are errors.</summary>
    /// <param name="isDevelopment">Whether the scheme <c>none</c> is allowed.</param>
    /// <param name="errors">The errors, each of which begins with its key. They never contain secrets.</param>
    public static IReadOnlyDictionary<string, Source> Read(
        IConfiguration configuration, bool isDevelopment, out IReadOnlyList<string> errors)
    {
        var found = new List<string>();
        var binder = new SectionBinder(found);
        var schemes = binder.Read<SchemesOptions>(configuration, SchemesOptions.Section);
        var options = binder.Read<SourcesOptions>(configuration, SourcesOptions.Section);
        var sources = Read(schemes, options, configuration, isDevelopment, found);
        errors = found;
        return found.Count == 0 ? sources : FrozenDictionary<string, Source>.Empty;
    }

    /// <summary>Returns the errors of sources and schemes that binding their sections does not find.</summary>
    public static IReadOnlyList<string> Errors(SourcesOptions options, IServiceProvider services)
    {
        var found = new List<string>();
        var configuration = services.GetRequiredService<IConfiguration>();
        var schemes = new SectionBinder([]).Read<SchemesOptions>(configuration, SchemesOptions.Section);
        Read(schemes, options, configuration, services.GetRequiredService<IHostEnvironment>().IsDevelopment(), found);
        return found;
    }

    private static Dictionary<string, Source> Read(
        SchemesOptions schemes, SourcesOptions options, IConfiguration configuration, bool isDevelopment, List<string> errors)
    {
        var known = SchemeParser.Read(schemes, isDevelopment, errors);
        var sources = new Dictionary<string, Source>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, one) in options)
        {
            if (ReadOne(name, one, known, configuration, errors) is { } source)
            {
                sources[name] = source;
            }
        }

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
        var path = $"{SourcesOptions.Section}:{name}";
        if (!Settings.NameRule().IsMatch(name))
        {
            errors.Add($"{path}: a source's name has 1 to 64 of the characters a-z, 0-9 and '-'.");
        }

        if (SchemeParser.Find(path, options.Scheme, schemes, errors) is not { } scheme)
        {
            return null;
        }

        var secretKeys = SecretParser.KeysOf(name, options);
        var keys = scheme switch
        {
            { IsUnsigned: true } => [],
            { Keys: not null } => ReadIdentity(path, options, scheme, errors),
            _ => SecretParser.Read(path, secretKeys, options, scheme, configuration, errors),
        };
        var deliveryId = Settings.ReadLocator($"{path}:DeliveryId", options.DeliveryId, errors);
        var eventType = Settings.ReadLocator($"{path}:EventType", options.EventType, errors);
        CheckAddresses(path, options, errors);
        if (!SourcePayloads.ByName.TryGetValue(options.Payload, out var payload))
        {
            errors.Add(
                $"{path}:Payload is '{options.Payload}'; known are "
                    + $"{string.Join(", ", SourcePayloads.ByName.Keys.Order(StringComparer.Ordinal))}.");
        }

        var replies = SchemeReplies.Of(options.Scheme).With(path, options.Replies, errors);
        var token = configuration[options.VerifyTokenKey ?? SourceKeys.VerifyToken(name)];
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
                options.MaxBodyBytes ?? scheme.MaxBodyBytes,
                Math.Max(options.MaxInflatedBytes, options.MaxBodyBytes ?? scheme.MaxBodyBytes),
                options.DeduplicationWindow,
                options.RateLimit,
                options.Path,
                options.ContinueTrace,
                string.IsNullOrEmpty(token) ? null : new Secret(token),
                payload,
                replies) { SchemeName = options.Scheme! };
    }

    private static List<SigningKey> ReadIdentity(string path, SourceOptions options, SignatureScheme scheme, List<string> errors)
    {
        var identities = options.Identity.Where(identity => identity.Trim().Length > 0).ToList();
        if (identities.Count == 0)
        {
            errors.Add($"{path}:Identity is not set: the keys of scheme '{options.Scheme}' sign for everybody.");
        }

        if (options.Secrets.Count > 0)
        {
            errors.Add($"{path}:Secrets is set, but scheme '{options.Scheme}' has public keys and no secret.");
        }

        foreach (var (at, identity) in identities.Index())
        {
            if (SignatureVerifier.ErrorOf(scheme, identity) is { } error)
            {
                errors.Add($"{path}:Identity:{at}: {error}");
            }
        }

        return [.. identities.Select(SigningKey.Identity)];
    }

    private static void CheckAddresses(string path, SourceOptions options, List<string> errors)
    {
        if (options.Url is not null
            && !(Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && url.Fragment == ""))
        {
            errors.Add($"{path}:Url is '{options.Url}'; it is an absolute http or https URL without a fragment.");
        }

        if (options.Path is { } otherPath && !Settings.PathRule().IsMatch(otherPath))
        {
            errors.Add($"{path}:Path is '{otherPath}'; it begins with a slash and has the characters a-z, 0-9, '-' and '/'.");
        }
    }
}
