using System.ComponentModel;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Reads a page from one of the playbook's hosts, over the egress guard: refused before anything is sent unless the host is
/// among them by its exact name and port; HTTPS, public addresses, no redirects.
/// </summary>
public sealed class FetchUrl : IDisposable
{
    public const string Name = "fetch_url";

    /// <summary>How much of an answer is shown, in characters.</summary>
    public const int MaxText = 8_000;

    /// <summary>For all of it, from the name's resolution to the last byte that is read.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private const int HttpsPort = 443;

    // A secret that is cut in two is not recognised. UTF-16 has half as many bytes in UTF-8, so that twice the margin is read.
    private const int Margin = 8 * 1024;

    /// <summary>How much of an answer is read.</summary>
    public const int ReadBytes = (4 * MaxText) + (2 * Margin);

    private readonly EgressGuard _guard;
    private readonly Redactor _redactor;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public FetchUrl(EgressGuard guard, Redactor redactor, TimeProvider time)
    {
        _guard = guard;
        _redactor = redactor;
        _time = time;
        _client = new HttpClient(guard.CreateHandler(Timeout)) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("safe-hands-agent", null));
    }

    public static string Description(Playbook playbook) =>
        $"Reads a page by GET. Hosts: {string.Join(", ", Hosts(playbook))}. Answers are cut at {MaxText} characters.";

    /// <summary>
    /// True for a host as it is compared: an ASCII name in lower case, or an IPv4 address, and nothing around it but a port.
    /// </summary>
    public static bool IsHost(string text) => Split(text) is { } host && host.Port > 0
        && Uri.CheckHostName(host.Name) is UriHostNameType.Dns or UriHostNameType.IPv4 && !host.Name.EndsWith('.')
        && host.Name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-');

    public void Dispose() => _client.Dispose();

    internal Delegate For(ToolContext context) =>
        ([Description("The address, such as https://api.github.com/zen.")] string url, CancellationToken cancellationToken) =>
        FetchAsync(url, Hosts(context.Playbook), cancellationToken);

    internal Delegate Check(ToolContext context) => (string url) => { Allowed(url, Hosts(context.Playbook)); };

    /// <summary>The text at a URL, redacted and cut.</summary>
    /// <param name="hosts">The hosts that are allowed, each with a port other than 443 behind a colon.</param>
    /// <exception cref="ToolException">It is refused or it failed; the message says how.</exception>
    public async Task<string> FetchAsync(string url, IReadOnlyList<string> hosts, CancellationToken cancellationToken)
    {
        var uri = Allowed(url, hosts);
        using var timeout = new CancellationTokenSource(Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new ToolException($"{uri.Host} answered {(int)response.StatusCode}.");
            }

            return await TextAsync(response.Content, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException($"{uri.Host} did not answer within {Timeout.TotalSeconds} s.");
        }
        catch (HttpRequestException exception) when (exception.InnerException is EgressRefusedException refused)
        {
            throw new ToolException(refused.Message);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new ToolException($"{uri.Host} cannot be read: {exception.Message}");
        }
    }

    /// <summary>What is shown of the beginning of an answer, at most <see cref="ReadBytes"/> of it.</summary>
    public static string Text(ReadOnlySpan<byte> start, Encoding encoding, Redactor redactor) =>
        StorableText.CodePoints(
            StorableText.Redacted(encoding.GetString(start), redactor.Redact, start.Length < ReadBytes ? 0 : Margin), MaxText);

    private static string[] Hosts(Playbook playbook) => [.. playbook.Options.AllowedHosts.Order(StringComparer.Ordinal)];

    private Uri Allowed(string url, IReadOnlyList<string> hosts)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            throw new ToolException("url is an absolute URL.");
        }

        // The name and the port to which the client would connect, compared as a whole.
        var (name, port) = (uri.IdnHost.ToLowerInvariant(), uri.Port);
        if (!hosts.Any(allowed => Split(allowed) == (name, port)))
        {
            var host = port is HttpsPort or < 0 ? name : $"{name}:{port}";
            throw new ToolException(
                $"egress to '{host}' denied; allowed: [{string.Join(", ", hosts.Select(allowed => $"'{allowed}'"))}]");
        }

        return _guard.Refusal(uri) is { } refusal ? throw new ToolException(refusal) : uri;
    }

    // Null where what follows the colon is no number from 0 to 65535.
    private static (string Name, int Port)? Split(string host) => host.Split(':', 2) switch
    {
        [var name] => (name, HttpsPort),
        [var name, var text]
            when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) => (name, port),
        _ => null,
    };

    private async Task<string> TextAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[ReadBytes];
        var length = await stream.ReadAtLeastAsync(buffer, ReadBytes, throwOnEndOfStream: false, cancellationToken);
        return Text(buffer.AsSpan(0, length), EncodingOf(content), _redactor);
    }

    private static Encoding EncodingOf(HttpContent content)
    {
        try
        {
            return content.Headers.ContentType?.CharSet?.Trim('"') is { Length: > 0 } charset
                ? Encoding.GetEncoding(charset)
                : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}
