using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>
/// Proxies in front of the service, whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed. Section
/// <c>Webhooks:Proxies</c>.
/// </summary>
public sealed class ProxyOptions
{
    public const string Section = "Webhooks:Proxies";

    /// <summary>
    /// Addresses of the proxies, or their networks: <c>10.20.0.5</c>, <c>100.100.0.0/16</c>, <c>fd00::/8</c>. Empty entries are
    /// ignored. Without any, the headers are ignored, because anybody can send them.
    /// </summary>
    public string[] Networks { get; set; } = [];

    /// <summary>How many proxies a request passes, one after the other.</summary>
    [Range(1, 10)]
    public int Hops { get; set; } = 1;

    internal IEnumerable<IPNetwork> Parsed => Networks.Select(Parse).OfType<IPNetwork>();

    internal IEnumerable<string> Errors() => Networks.Index()
        .Where(entry => !string.IsNullOrWhiteSpace(entry.Item) && Parse(entry.Item) is null)
        .Select(entry => $"{Section}:{nameof(Networks)}:{entry.Index} must be an address or a network, such as 10.0.0.0/8.");

    private static IPNetwork? Parse(string text) =>
        IPNetwork.TryParse(text.Trim(), out var network) ? network
        : IPAddress.TryParse(text.Trim(), out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;
}
