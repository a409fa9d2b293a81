using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Egress;

/// <summary>
/// Makes HTTP connections that cannot reach our own network. Each connection is decided on the address that is actually
/// connected to. Redirects, proxies and cookies are disabled, and TLS verifies the name in the URL.
/// </summary>
public sealed class EgressGuard
{
    private const string NotPublic = "The URL's host is not on the public internet.";

    // Bounds how long a connection stays in use after the DNS record of its name has changed.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);

    private readonly LoopbackAllowance[] _loopback;
    private readonly ServerTrust _trust;
    private readonly TimeProvider _time;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly Func<IPEndPoint, CancellationToken, Task<Stream>> _connect;

    public EgressGuard(IOptions<EgressOptions> options, TimeProvider time)
        : this(options, time, new NameResolver(Dns.GetHostAddresses, NameResolver.MaxThreads).ResolveAsync, OpenSocketAsync)
    {
    }

    internal EgressGuard(
        IOptions<EgressOptions> options, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        Func<IPEndPoint, CancellationToken, Task<Stream>> connect)
    {
        _loopback = [.. options.Value.Loopback.Select(LoopbackAllowance.Parse).OfType<LoopbackAllowance>()];
        _trust = new ServerTrust(options.Value.TrustedCertificates.Where(path => path.Length > 0));
        _time = time;
        _resolve = resolve;
        _connect = connect;
    }

    /// <summary>
    /// Returns the reason why a URL is refused, judged by its text alone; null when it is allowed. The reason quotes nothing of
    /// the URL. The address of the name is checked when connecting.
    /// </summary>
    public string? Refusal(Uri url)
    {
        if (!url.IsAbsoluteUri)
        {
            return "The URL is not absolute.";
        }

        if (url.UserInfo.Length > 0)
        {
            return "The URL carries credentials.";
        }

        if (UrlText.HostOf(url) is not { } host || !UrlText.IsPlain(url))
        {
            return "The URL's host is not written as a plain name or address.";
        }

        var allowed = IsAllowed(host, url.Port);
        if (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && allowed))
        {
            return "The URL is not HTTPS.";
        }

        if (UrlText.IsOddNumber(host))
        {
            return "The URL's host is a number, but no address.";
        }

        if (url.Port == 0)
        {
            return "The URL's port is 0.";
        }

        var isElsewhere = IPAddress.TryParse(host, out var address)
            ? PublicAddress.Is(address)
            : !LoopbackAllowance.IsLocalName(host);
        return allowed || isElsewhere ? null : NotPublic;
    }

    /// <summary>
    /// Creates a handler whose connections all pass the guard. A connection is reused for the same host for at most a minute.
    /// The rest of an answer that its reader leaves unread is not drained. Requests carry no <c>traceparent</c>. The caller
    /// disposes the handler.
    /// </summary>
    /// <param name="connectTimeout">The time limit for name resolution, connection and TLS handshake together.</param>
    public SocketsHttpHandler CreateHandler(TimeSpan connectTimeout) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        PooledConnectionLifetime = ConnectionLifetime,
        MaxResponseDrainSize = 0,
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context, connectTimeout, cancellationToken),
    };

    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        var url = context.InitialRequestMessage.RequestUri!;
        if (Refusal(url) is { } refusal)
        {
            throw new EgressRefusedException(refusal);
        }

        var (host, port) = (context.DnsEndPoint.Host.Trim('[', ']'), context.DnsEndPoint.Port);

        // SocketsHttpHandler.ConnectTimeout is not used because it ignores the TimeProvider.
        using var timeout = new CancellationTokenSource(connectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var connection = await OpenAsync(host, port, either.Token);
            return url.Scheme == Uri.UriSchemeHttps
                ? await _trust.HandshakeAsync(connection, host, either.Token)
                : connection;
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"No connection within {connectTimeout.TotalSeconds} s.", exception);
        }
    }

    private async Task<Stream> OpenAsync(string host, int port, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        // A private address among public ones is a sign of DNS rebinding, so the guard connects to none of them.
        if (Array.Exists(addresses, address => !MayConnect(address, host, port)))
        {
            throw new EgressRefusedException(NotPublic);
        }

        return await HappyEyeballs.ConnectAsync(addresses, port, _connect, _time, cancellationToken);
    }

    internal static async Task<Stream> OpenSocketAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool MayConnect(IPAddress address, string host, int port) =>
        PublicAddress.Is(address) || (IPAddress.IsLoopback(address) && IsAllowed(host, port));

    private bool IsAllowed(string host, int port) => Array.Exists(_loopback, allowance => allowance.Covers(host, port));
}

/// <summary>An outgoing connection was refused before anything was sent.</summary>
public sealed class EgressRefusedException(string message) : Exception(message);
