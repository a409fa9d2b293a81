using System.Security.Cryptography;
using System.Text;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// The hash that is stored in the place of a delivery id that holds a credential. Ids that differ only in the credential remain
/// different, and an id is found by what was sent.
/// </summary>
public static class DeliveryIdHash
{
    public static string Of(string deliveryId) =>
        $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(deliveryId)))}";
}
