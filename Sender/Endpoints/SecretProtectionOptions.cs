namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>What protects the keys that endpoints' secrets are encrypted with. Section <c>Webhooks:SecretProtection</c>.</summary>
public sealed class SecretProtectionOptions
{
    public const string Section = "Webhooks:SecretProtection";

    /// <summary>
    /// Paths of PEM files, each with a certificate and its private key (RSA). The first encrypts new keys, all decrypt. None by
    /// default: whoever can read the database can then read the secrets in it.
    /// </summary>
    public IList<string> Certificates { get; } = [];
}
