using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>
/// The sources in force. They follow the configuration while the service runs. A change with errors is logged, and the previous
/// sources stay in force.
/// </summary>
public sealed partial class SourceCatalog : IDisposable
{
    private readonly Lock _reloading = new();
    private readonly IConfiguration _configuration;
    private readonly IHostEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly ILogger<SourceCatalog> _logger;
    private readonly IDisposable _subscription;
    private volatile IReadOnlyDictionary<string, Source> _sources;

    /// <exception cref="InvalidOperationException">The configuration has errors; the message lists all of them.</exception>
    public SourceCatalog(
        IConfiguration configuration, IHostEnvironment environment, TimeProvider time, ILogger<SourceCatalog> logger)
    {
        _configuration = configuration;
        _environment = environment;
        _time = time;
        _logger = logger;
        _sources = SourceParser.Read(configuration, environment.IsDevelopment(), out var errors);
        if (errors.Count > 0)
        {
            throw new InvalidOperationException($"Invalid configuration of sources:\n  {string.Join("\n  ", errors)}");
        }

        Warn(_sources.Values);
        ConfigurationFiles.Watch(configuration, path => LogRefused(_logger, $"{path} could not be read."));
        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    /// <summary>Returns the source with the name, ignoring case; null when it does not exist.</summary>
    public Source? Find(string name) => _sources.GetValueOrDefault(name);

    /// <summary>All sources.</summary>
    public IEnumerable<Source> All => _sources.Values;

    /// <summary>The additional paths of the sources.</summary>
    public IEnumerable<string> Paths =>
        _sources.Values.Select(source => source.Path).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>
    /// Returns the sources at an additional path. The first one is that whose scheme finds most of its headers in the request.
    /// The order authenticates nothing; only the signature does.
    /// </summary>
    public IReadOnlyList<Source> FindAt(string path, IHeaderDictionary headers) =>
    [
        .. _sources.Values
            .Where(source => source.Path == path)
            .OrderBy(source => source.Scheme.Headers.Count(name => !headers.ContainsKey(name)))
            .ThenByDescending(source => source.Scheme.Headers.Count(headers.ContainsKey))
            .ThenBy(source => source.Name, StringComparer.Ordinal),
    ];

    public void Dispose() => _subscription.Dispose();

    private void Reload()
    {
        // Without the lock, of two concurrent changes the one that read the older state could set its result last.
        lock (_reloading)
        {
            var sources = SourceParser.Read(_configuration, _environment.IsDevelopment(), out var found);
            List<string> errors = [.. ConfigurationFiles.Errors(_configuration), .. found];
            if (sources.Count == 0 && _sources.Count > 0 && errors.Count == 0)
            {
                // A moved file is a more likely cause than the intention to answer every sender with 404.
                errors.Add("The configuration has no sources any more; removing all of them requires a restart.");
            }

            if (errors.Count > 0)
            {
                LogRefused(_logger, string.Join(" ", errors));
                return;
            }

            _sources = sources;
            LogReloaded(_logger, sources.Count);
            Warn(sources.Values);
        }
    }

    private void Warn(IEnumerable<Source> sources)
    {
        if (!sources.Any())
        {
            LogNone(_logger);
        }

        var now = _time.GetUtcNow();
        foreach (var source in sources)
        {
            if (source.Scheme.IsUnsigned)
            {
                LogUnsigned(_logger, source.Name);
            }
            else if (source.Keys.All(key => !key.IsActive(now)))
            {
                LogExpired(_logger, source.Name, string.Join(" and ", source.SecretKeys));
            }

            if (source.Keys.Any(key => key.IsShort))
            {
                LogShort(_logger, source.Name, string.Join(" or ", source.SecretKeys));
            }
        }
    }

    [LoggerMessage(
        EventId = 2001, Level = LogLevel.Error,
        Message = "A changed configuration has errors; the previous sources stay in force: {Errors}")]
    private static partial void LogRefused(ILogger logger, string errors);

    [LoggerMessage(
        EventId = 2002, Level = LogLevel.Information,
        Message = "The configuration was reloaded; {Count} sources are in force.")]
    private static partial void LogReloaded(ILogger logger, int count);

    [LoggerMessage(
        EventId = 2003, Level = LogLevel.Warning,
        Message = "The source {Source} has the scheme none: it accepts requests without a signature.")]
    private static partial void LogUnsigned(ILogger logger, string source);

    [LoggerMessage(
        EventId = 2004, Level = LogLevel.Warning,
        Message = "All secrets of the source {Source} have expired ({Keys}): it refuses every request.")]
    private static partial void LogExpired(ILogger logger, string source, string keys);

    [LoggerMessage(
        EventId = 2006, Level = LogLevel.Warning,
        Message = "A secret of the source {Source} ({Keys}) has fewer than 24 bytes. If you chose it, choose a longer one.")]
    private static partial void LogShort(ILogger logger, string source, string keys);

    [LoggerMessage(
        EventId = 2005, Level = LogLevel.Warning, Message = "Webhooks:Sources is empty: every webhook is answered 404.")]
    private static partial void LogNone(ILogger logger);
}
