using System.Security.Cryptography.X509Certificates;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>An authority that the Sender trusts, one that it does not, and what they issue.</summary>
public sealed class Certificates : IDisposable
{
    private static readonly string[] Here = ["127.0.0.1", "localhost"];

    private readonly TestAuthority _known = new();
    private readonly TestAuthority _unknown = new();
    private readonly Dictionary<Certificate, X509Certificate2> _issued;

    public Certificates() => _issued = new()
    {
        [Certificate.Good] = _known.Issue(Here),
        [Certificate.OfAnotherName] = _known.Issue(["hooks.example", "127.0.0.2"]),
        [Certificate.Expired] = _known.Issue(Here, expired: true),
        [Certificate.OfAnUnknownAuthority] = _unknown.Issue(Here),
    };

    public string Trusted => _known.PemFile;

    internal TestAuthority Known => _known;

    internal X509Certificate2? Of(Certificate certificate) => _issued.GetValueOrDefault(certificate);

    public void Dispose()
    {
        foreach (var certificate in _issued.Values)
        {
            certificate.Dispose();
        }

        _known.Dispose();
        _unknown.Dispose();
    }
}
