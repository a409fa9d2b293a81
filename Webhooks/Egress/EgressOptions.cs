namespace Aspire.Webhooks.Egress;

/// <summary>
/// Settings of outgoing connections: what they can reach in addition to the public internet. Section <c>Webhooks:Egress</c>.
/// </summary>
public sealed class EgressOptions
{
    public const string Section = "Webhooks:Egress";

    /// <summary>
    /// Loopback addresses that can be reached, also over plain HTTP: <c>127.0.0.1:5101</c>, <c>[::1]:*</c>, <c>localhost:*</c>.
    /// The host is written as in the URL, and the port is a number or <c>*</c>. Empty entries are ignored. For a stack on one
    /// machine, in Development only: in any other environment the service does not start.
    /// </summary>
    public string[] Loopback { get; set; } = [];

    /// <summary>
    /// PEM files with root certificates that are trusted in addition to those of the system. Empty entries are ignored. In
    /// Development only, like <see cref="Loopback"/>.
    /// </summary>
    public string[] TrustedCertificates { get; set; } = [];
}
