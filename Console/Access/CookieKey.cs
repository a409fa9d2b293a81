using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// The only key that protects cookies and forms. It follows from a secret, so replicas with the same secret read what the others
/// wrote, and nothing has to be stored. Another secret ends all sessions.
/// </summary>
/// <param name="secret">The secret of all replicas; null for one of this process alone.</param>
internal sealed class CookieKey(Secret? secret) : IXmlRepository
{
    private const int MasterKeyBytes = 64;

    // When a key is valid is a matter of the secret. The end leaves room for the framework's sums.
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset End = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly XElement _key = Create(secret?.Reveal() is { Length: > 0 } given
        ? Encoding.UTF8.GetBytes(given)
        : RandomNumberGenerator.GetBytes(MasterKeyBytes));

    public IReadOnlyCollection<XElement> GetAllElements() => [new(_key)];

    public void StoreElement(XElement element, string friendlyName) =>
        throw new NotSupportedException("The key follows from the secret; there is no other.");

    private static XElement Create(byte[] secret)
    {
        var material = HKDF.DeriveKey(HashAlgorithmName.SHA512, secret, MasterKeyBytes + 16, info: "console cookies"u8.ToArray());
        using var master = new Microsoft.AspNetCore.DataProtection.Secret(material.AsSpan(0, MasterKeyBytes).ToArray());
        var descriptor = new AuthenticatedEncryptorDescriptor(new AuthenticatedEncryptorConfiguration(), master).ExportToXml();

        // As the framework's key manager writes a key.
        return new XElement(
            "key",
            new XAttribute("id", new Guid(material.AsSpan(MasterKeyBytes))),
            new XAttribute("version", 1),
            new XElement("creationDate", Start),
            new XElement("activationDate", Start),
            new XElement("expirationDate", End),
            new XElement(
                "descriptor",
                new XAttribute("deserializerType", descriptor.DeserializerType.AssemblyQualifiedName!),
                descriptor.SerializedDescriptorElement));
    }
}
