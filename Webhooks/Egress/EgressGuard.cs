using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Egress;

/// <summary>
/// Makes HTTP connections that cannot be led into our own network: decided on the address that is actually connected
/// to, at each connection; no redirects, no proxy, no cookies.
/// </summary>
public sealed class EgressGuard(IOptions<EgressOptions> options)
{
    private readonly bool _allowLoopback = options.Value.AllowLoopback;

    /// <summary>Why a URL cannot be sent to, judged by its text alone; null when it can.</summary>
    public string? Refusal(Uri url)
    {
        if (!url.IsAbsoluteUri || url.HostNameType is UriHostNameType.Unknown or UriHostNameType.Basic)
        {
            return "The URL is not absolute.";
        }

        if (url.UserInfo.Length > 0)
        {
            return "The URL carries credentials.";
        }

        return url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && _allowLoopback && url.IsLoopback)
            ? null
            : "The URL is not HTTPS.";
    }

    /// <summary>A handler whose every connection passes the guard. The caller disposes it.</summary>
    /// <param name="connectTimeout">How long resolving and connecting may take.</param>
    public SocketsHttpHandler CreateHandler(TimeSpan connectTimeout) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = connectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ConnectCallback = ConnectAsync,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var endpoint = context.DnsEndPoint;
        var addresses = IPAddress.TryParse(endpoint.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken);

        // One private answer among public ones is a sign of rebinding: nothing is connected to then.
        if (addresses.Length == 0 || Array.Exists(addresses, address => !MayConnect(address)))
        {
            throw new EgressRefusedException($"{endpoint.Host} is not on the public internet.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool MayConnect(IPAddress address) => PublicAddress.Is(address) || (_allowLoopback && IPAddress.IsLoopback(address));
}
