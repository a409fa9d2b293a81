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
/// Reads a page from one of the allowed hosts of the playbook. The exact name and port must be in the list; otherwise nothing is
/// sent. The egress guard allows HTTPS and public addresses only, and redirects are not followed.
/// </summary>
public sealed class FetchUrl : IDisposable
{
    public const string Name = "fetch_url";

    /// <summary>The number of characters of an answer that are returned.</summary>
    public const int MaxText = 8_000;

    /// <summary>The time limit of a call, from the name resolution to the last byte.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    private const int HttpsPort = 443;

    // A secret that is cut in two is not recognized, so more is read than returned. UTF-16 has twice as many bytes as UTF-8, so
    // twice the margin is read.
    private const int Margin = 8 * 1024;

    /// <summary>The number of bytes of an answer that are read.</summary>
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

    /// <summary>Returns the description of the tool for the model.</summary>
    public static string Description(Playbook playbook) =>
        $"Reads a page by GET. Hosts: {string.Join(", ", Hosts(playbook))}. Answers are cut at {MaxText} characters.";

    /// <summary>
    /// Whether the text is a valid entry of the list of hosts: an ASCII name in lower case or an IPv4 address, and optionally a
    /// port.
    /// </summary>
    public static bool IsHost(string text) => Split(text) is { } host && host.Port > 0
        && Uri.CheckHostName(host.Name) is UriHostNameType.Dns or UriHostNameType.IPv4 && !host.Name.EndsWith('.')
        && host.Name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-');

    public void Dispose() => _client.Dispose();

    internal Delegate For(ToolContext context) =>
        ([Description("The address, such as https://api.github.com/zen.")] string url, CancellationToken cancellationToken) =>
        FetchAsync(url, Hosts(context.Playbook), cancellationToken);

    internal Delegate Check(ToolContext context) => (string url) => { Allowed(url, Hosts(context.Playbook)); };

    /// <summary>Returns the text at a URL, redacted and cut.</summary>
    /// <param name="hosts">The allowed hosts. A port other than 443 follows a colon.</param>
    /// <exception cref="ToolException">The call is refused or failed. The message contains the reason.</exception>
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

    /// <summary>Returns the text of an answer, redacted and cut.</summary>
    /// <param name="start">The start of the answer, at most <see cref="ReadBytes"/>.</param>
    public static string Text(ReadOnlySpan<byte> start, Encoding encoding, Redactor redactor) =>
        StorableText.CodePoints(
            StorableText.Redacted(encoding.GetString(start), redactor.Redact, start.Length < ReadBytes ? 0 : Margin), MaxText);

    private static string[] Hosts(Playbook playbook) => [.. playbook.Options.AllowedHosts.Order(StringComparer.Ordinal)];

    private Uri Allowed(string url, IReadOnlyList<string> hosts)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            throw new ToolException("url must be an absolute URL.");
        }

        // The name and the port that the client would connect to, compared exactly.
        var (name, port) = (uri.IdnHost.ToLowerInvariant(), uri.Port);
        if (!hosts.Any(allowed => Split(allowed) == (name, port)))
        {
            var host = port is HttpsPort or < 0 ? name : $"{name}:{port}";
            throw new ToolException(
                $"egress to '{host}' denied; allowed: [{string.Join(", ", hosts.Select(allowed => $"'{allowed}'"))}]");
        }

        return _guard.Refusal(uri) is { } refusal ? throw new ToolException(refusal) : uri;
    }

    // Returns null when the text after the colon is not a number from 0 to 65535.
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
