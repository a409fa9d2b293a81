using System.Globalization;
using System.Net;

namespace Aspire.Webhooks.Egress;

/// <summary>An entry of <see cref="EgressOptions.Loopback"/>.</summary>
/// <param name="Host">The host as in the URL: an address in 127.0.0.0/8, <c>::1</c>, <c>localhost</c> or a name under
/// it.</param>
/// <param name="Port">The port; null for all ports.</param>
internal sealed record LoopbackAllowance(string Host, int? Port)
{
    /// <summary>Parses an entry. Returns null when it is malformed or its host is not this machine.</summary>
    public static LoopbackAllowance? Parse(string entry)
    {
        var colon = entry.LastIndexOf(':');
        if (colon < 0 || HostOf(entry[..colon]) is not { } host)
        {
            return null;
        }

        var port = entry[(colon + 1)..];
        if (port == "*")
        {
            return new(host, null);
        }

        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new(host, number)
            : null;
    }

    /// <summary>
    /// Whether a name is <c>localhost</c> or under it. Resolvers must resolve these names to this machine (RFC 6761, section
    /// 6.3).
    /// </summary>
    public static bool IsLocalName(string host) =>
        host.TrimEnd('.') is var name
        && (name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));

    public bool Covers(string host, int port) =>
        (Port is null || Port == port) && Host.Equals(host, StringComparison.OrdinalIgnoreCase);

    private static string? HostOf(string text)
    {
        var bare = text is ['[', .. var inner, ']'] ? inner : text;

        // Only the normalized spelling is accepted: any other would never match a URL.
        if (IPAddress.TryParse(bare, out var address))
        {
            return IPAddress.IsLoopback(address) && address.ToString() == bare && bare.Contains(':') == (bare != text)
                ? bare
                : null;
        }

        return bare == text && IsLocalName(text) && Uri.CheckHostName(text) == UriHostNameType.Dns && !text.EndsWith('.')
            ? text
            : null;
    }
}
