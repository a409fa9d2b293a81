using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// Settings of the protection of the keys that encrypt the secrets of endpoints. Section <c>Webhooks:SecretProtection</c>.
/// </summary>
public sealed class SecretProtectionOptions
{
    public const string Section = "Webhooks:SecretProtection";

    /// <summary>
    /// Paths of PEM files, each with a certificate and its private key (RSA). The first certificate encrypts new keys, and all of
    /// them decrypt. Without a certificate, everybody who can read the database can read the secrets in it.
    /// </summary>
    public IList<string> Certificates { get; } = [];

    /// <summary>Loads each certificate, or returns an error, which begins with its key.</summary>
    public IEnumerable<(X509Certificate2? Certificate, string? Error)> Load() =>
        Certificates.Select((path, at) => Load($"{Section}:{nameof(Certificates)}:{at}", path));

    private static (X509Certificate2? Certificate, string? Error) Load(string key, string path)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(path);
            return certificate.HasPrivateKey && certificate.GetRSAPrivateKey() is not null
                ? (certificate, null)
                : (null, $"{key}: the certificate has no RSA key.");
        }
        catch (Exception exception) when (
            exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, $"{key} names no PEM file with a certificate and its key: {exception.Message}");
        }
    }
}
