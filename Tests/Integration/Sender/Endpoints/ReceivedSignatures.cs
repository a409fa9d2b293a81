using System.Security.Cryptography;
using System.Text;
using Aspire.Webhooks.Tests.Stack;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>
/// Verifies what a merchant's server got, as Standard Webhooks 1.0 says ("Signature scheme") and not by our own code.
/// </summary>
internal static class ReceivedSignatures
{
    /// <summary>Whether one of the signatures is that of the secret, <c>whsec_…</c>.</summary>
    public static bool IsSignedWith(this MerchantRequest request, string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        return Of(request, "v1,").Any(signature => signature.SequenceEqual(HMACSHA256.HashData(key, Content(request))));
    }

    /// <summary>Whether one of the signatures is verified by the public key, <c>whpk_…</c>.</summary>
    public static bool IsVerifiedBy(this MerchantRequest request, string publicKey)
    {
        var key = Convert.FromBase64String(publicKey["whpk_".Length..]);
        var content = Content(request);
        return Of(request, "v1a,").Any(signature => Ed25519.Verify(signature, 0, key, 0, content, 0, content.Length));
    }

    /// <summary>How many signatures there are.</summary>
    public static int Signatures(this MerchantRequest request) => request.Headers["webhook-signature"].Split(' ').Length;

    private static IEnumerable<byte[]> Of(MerchantRequest request, string prefix) =>
        request.Headers["webhook-signature"].Split(' ')
        .Where(entry => entry.StartsWith(prefix, StringComparison.Ordinal))
            .Select(entry => Convert.FromBase64String(entry[prefix.Length..]));

    private static byte[] Content(MerchantRequest request) =>
        [.. Encoding.ASCII.GetBytes($"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}."), .. request.Body];
}
