using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using System.Threading.RateLimiting;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Fetches what the requests of providers need: public keys, and the URL that confirms a subscription. All of it comes from the
/// hosts that the scheme names, through the egress guard.
/// </summary>
public sealed partial class ProviderClient : IDisposable
{
    // The keys of all tenants of Microsoft Entra ID have 50 KiB.
    private const int MaxBytes = 256 * 1024;

    // A URL can be named by requests that are not verified yet. Beyond these limits they are answered 503, and the keys that
    // are known still verify.
    private const int MaxUrls = 100;
    private const int FetchesPerMinute = 30;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // A provider that revokes a key has done so everywhere after that time. Its new keys are published days before they sign.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    // Known keys are used for longer while their owner cannot be reached.
    private static readonly TimeSpan LifetimeOffline = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<Uri, Entry> _known = new();
    private readonly ConcurrentDictionary<Uri, Lazy<Task<Entry?>>> _fetching = new();
    private readonly TokenBucketRateLimiter _limit = new(new()
    {
        TokenLimit = FetchesPerMinute, TokensPerPeriod = FetchesPerMinute, ReplenishmentPeriod = TimeSpan.FromMinutes(1),
        QueueLimit = 0, AutoReplenishment = true,
    });

    private readonly TimeProvider _time;
    private readonly ILogger<ProviderClient> _logger;
    private readonly HttpClient _client;

    public ProviderClient(EgressGuard guard, TimeProvider time, ILogger<ProviderClient> logger)
    {
        _time = time;
        _logger = logger;
        _client = new HttpClient(guard.CreateHandler(Timeout)) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Aspire.Webhooks.Receiver", "1.0"));
    }

    public void Dispose()
    {
        _client.Dispose();
        _limit.Dispose();
    }

    /// <summary>
    /// Returns the keys for a request of a source whose scheme fetches them; none when the request names no URL of the provider.
    /// Null when they cannot be had now.
    /// </summary>
    public async ValueTask<IReadOnlyList<SigningKey>?> KeysAsync(
        Source source, IHeaderDictionary headers, byte[] body, CancellationToken cancellationToken)
    {
        var keys = source.Scheme.Keys!;
        if (Allowed(keys.Url ?? UrlOf(keys, headers, body), keys.Hosts) is not { } url)
        {
            return [];
        }

        if (_known.TryGetValue(url, out var entry) && IsYounger(entry, Lifetime))
        {
            return entry.Keys;
        }

        // Requests that wait for the same keys wait for the same answer.
        var fetch = _fetching.GetOrAdd(url, _ => new(() => FetchKeysAsync(source, url)));
        var fetched = await fetch.Value.WaitAsync(cancellationToken);
        return fetched?.Keys ?? (entry is not null && IsYounger(entry, LifetimeOffline) ? entry.Keys : null);
    }

    /// <summary>Fetches the URL that confirms a subscription, which a verified request of the source names.</summary>
    /// <returns>Whether the provider has confirmed it.</returns>
    public async Task<bool> ConfirmAsync(Source source, string url, CancellationToken cancellationToken) =>
        Allowed(url, source.Scheme.Keys?.Hosts ?? []) is { } allowed
            && await FetchAsync(source, allowed, cancellationToken) is not null;

    private static string? UrlOf(FetchedKeys keys, IHeaderDictionary headers, byte[] body)
    {
        using var document = keys.UrlAt is { ReadsBody: true } ? PayloadParser.TryParse(BodyFormats.Json, body) : null;
        return keys.UrlAt?.Find(headers, document?.RootElement);
    }

    // HTTPS and a plain host are required by the guard.
    private static Uri? Allowed(string? text, IReadOnlyList<string> hosts) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && UrlText.HostOf(url) is { } host
            && hosts.Any(pattern => IsHost(host, pattern))
            ? url
            : null;

    private static bool IsHost(string host, string pattern)
    {
        var labels = host.Split('.');
        var expected = pattern.Split('.');
        return labels.Length == expected.Length && labels.Zip(expected).All(pair => pair.Second == "*"
            ? LabelRule().IsMatch(pair.First)
            : string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase));
    }

    private bool IsYounger(Entry entry, TimeSpan age) => _time.GetElapsedTime(entry.At) < age;

    private async Task<Entry?> FetchKeysAsync(Source source, Uri url)
    {
        try
        {
            if (await FetchAsync(source, url, CancellationToken.None) is not { } text || Parse(source, text) is not { } keys)
            {
                return null;
            }

            if (_known.Count >= MaxUrls && _known.MinBy(known => known.Value.At) is { Key: { } oldest })
            {
                _known.TryRemove(oldest, out _);
            }

            return _known[url] = new(keys, _time.GetTimestamp());
        }
        finally
        {
            _fetching.TryRemove(url, out _);
        }
    }

    private async Task<string?> FetchAsync(Source source, Uri url, CancellationToken cancellationToken)
    {
        using var lease = _limit.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            NotFetched(source, "Too many URLs were fetched in this minute.");
            return null;
        }

        using var timeout = new CancellationTokenSource(Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await _client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, either.Token);
            response.EnsureSuccessStatusCode();
            await response.Content.LoadIntoBufferAsync(MaxBytes, either.Token);
            return await response.Content.ReadAsStringAsync(either.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            NotFetched(source, exception switch
            {
                HttpRequestException { StatusCode: { } status } => $"HTTP {(int)status}.",
                HttpRequestException http => $"{http.HttpRequestError}.",
                _ => $"{exception.GetType().Name}.",
            });
            return null;
        }
    }

    // Of the URL nothing is logged: a request that is not verified may have named it.
    private void NotFetched(Source source, string reason) =>
        ReceiveLog.NotFetched(_logger, string.Join(", ", source.Scheme.Keys!.Hosts), source.Name, reason);

    private IReadOnlyList<SigningKey>? Parse(Source source, string text)
    {
        try
        {
            return PublicKeyParser.Parse(text);
        }
        catch (FormatException)
        {
            NotFetched(source, "The answer has no public key.");
            return null;
        }
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9-]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex LabelRule();

    private sealed record Entry(IReadOnlyList<SigningKey> Keys, long At);
}
