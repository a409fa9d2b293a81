using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Aspire.Webhooks.Egress;

/// <summary>Performs TLS handshakes. A server's certificate must chain to a root of the system or to an added one.</summary>
/// <param name="added">PEM files with root certificates in addition to those of the system.</param>
internal sealed class ServerTrust(IEnumerable<string> added)
{
    private readonly X509Certificate2Collection _roots = RootsWith(added);

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The file is not a PEM file with
    /// certificates.</exception>
    public static X509Certificate2Collection Read(string path)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(path);
        return certificates;
    }

    /// <summary>
    /// Encrypts a connection after the server's certificate has been verified for the name. The returned stream owns
    /// <paramref name="connection"/>.
    /// </summary>
    /// <exception cref="AuthenticationException">The certificate is not trusted, or the handshake was not
    /// completed.</exception>
    public async Task<Stream> HandshakeAsync(Stream connection, string host, CancellationToken cancellationToken)
    {
        var tls = new SslStream(connection);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = Policy() }, cancellationToken);
            return tls;
        }
        catch (Exception exception)
        {
            await tls.DisposeAsync();
            if (exception is IOException)
            {
                throw new AuthenticationException("The connection ended in the TLS handshake.", exception);
            }

            throw;
        }
    }

    // A certificate contains URLs of its issuer's certificate and of revocation lists. The server chooses them, and they would
    // be fetched past the guard over plain HTTP, so downloads are disabled.
    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (_roots.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_roots);
        }

        return policy;
    }

    private static X509Certificate2Collection RootsWith(IEnumerable<string> added)
    {
        var roots = new X509Certificate2Collection();
        foreach (var path in added)
        {
            roots.AddRange(Read(path));
        }

        return roots.Count == 0 ? roots : WithSystem(roots);
    }

    private static X509Certificate2Collection WithSystem(X509Certificate2Collection roots)
    {
        foreach (var location in (StoreLocation[])[StoreLocation.LocalMachine, StoreLocation.CurrentUser])
        {
            using var store = new X509Store(StoreName.Root, location);
            store.Open(OpenFlags.ReadOnly);
            roots.AddRange(store.Certificates);
        }

        return roots;
    }
}
