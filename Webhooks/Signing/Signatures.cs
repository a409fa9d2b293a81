using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Aspire.Webhooks.Signing;

/// <summary>The algorithms themselves: bytes in, bytes or a verdict out.</summary>
internal static class Signatures
{
    private const int Ed25519SeedSize = 32;

    public static byte[] Compute(SigningKey key, ReadOnlySpan<byte> content)
    {
        if (key.Algorithm == SignatureAlgorithm.HmacSha256)
        {
            return HMACSHA256.HashData(key.Bytes, content);
        }

        var message = content.ToArray();
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(key.Bytes[..Ed25519SeedSize].ToArray(), 0, message, 0, message.Length, signature, 0);
        return signature;
    }

    /// <summary>Compares in a time that depends on the content's length alone.</summary>
    public static bool Matches(SigningKey key, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        if (key.Algorithm == SignatureAlgorithm.HmacSha256)
        {
            Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(key.Bytes, content, expected);
            return CryptographicOperations.FixedTimeEquals(expected, signature);
        }

        if (signature.Length != Ed25519.SignatureSize)
        {
            return false;
        }

        var publicKey = key.Bytes[^Ed25519.PublicKeySize..].ToArray();
        var message = content.ToArray();
        return Ed25519.Verify(signature.ToArray(), 0, publicKey, 0, message, 0, message.Length);
    }
}
