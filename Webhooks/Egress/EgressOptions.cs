namespace Aspire.Webhooks.Egress;

/// <summary>What outgoing connections may reach beside the public internet. Section <c>Webhooks:Egress</c>.</summary>
public sealed class EgressOptions
{
    public const string Section = "Webhooks:Egress";

    /// <summary>
    /// Loopback addresses that may be reached too, also over plain HTTP: <c>127.0.0.1:5101</c>, <c>[::1]:*</c>,
    /// <c>localhost:*</c>; host as in the URL, a port or all of them. An empty entry is none. For a stack on one
    /// machine, in Development only: anywhere else the service refuses to start with it.
    /// </summary>
    public string[] Loopback { get; set; } = [];

    /// <summary>
    /// PEM files with root certificates that servers may use beside those that the system trusts. An empty entry is none. In
    /// Development only, as <see cref="Loopback"/>.
    /// </summary>
    public string[] TrustedCertificates { get; set; } = [];
}
