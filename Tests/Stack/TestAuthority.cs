using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>A certificate authority of the tests' own, which nobody but those told trusts.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly Lazy<string> _file;

    public TestAuthority()
        : this(null)
    {
    }

    private TestAuthority(TestAuthority? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Authority {Guid.CreateVersion7()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        _certificate = issuer is null
            ? request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(2))
            : Signed(request, issuer, key, Now.AddDays(2));
        _file = new(() =>
        {
            var path = Path.Combine(Path.GetTempPath(), $"authority-{Guid.CreateVersion7()}.pem");
            File.WriteAllText(path, _certificate.ExportCertificatePem());
            return path;
        });
    }

    /// <summary>The authority's certificate in PEM; gone when this is disposed.</summary>
    public string PemFile => _file.Value;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Another authority, which this one vouches for.</summary>
    public TestAuthority Intermediate() => new(this);

    /// <summary>A server's certificate.</summary>
    /// <param name="names">Addresses or host names.</param>
    /// <param name="expired">True when it was valid until yesterday.</param>
    /// <param name="issuerUrl">Where it says that its issuer's certificate is.</param>
    public X509Certificate2 Issue(string[] names, bool expired = false, string? issuerUrl = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=A merchant's server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        if (issuerUrl is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerUrl]));
        }

        return Signed(request, this, key, expired ? Now.AddDays(-1) : Now.AddDays(1));
    }

    public void Dispose()
    {
        _certificate.Dispose();
        if (_file.IsValueCreated)
        {
            File.Delete(_file.Value);
        }
    }

    private static X509Certificate2 Signed(CertificateRequest request, TestAuthority issuer, ECDsa key, DateTimeOffset until)
    {
        // Nobody vouches beyond his own end, nor before his own beginning.
        var (first, last) = (new DateTimeOffset(issuer._certificate.NotBefore), new DateTimeOffset(issuer._certificate.NotAfter));
        using var certificate = request.Create(
            issuer._certificate, first, until < last ? until : last, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
