using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Aspire.Webhooks.Signing;

/// <summary>Computes and compares signatures.</summary>
internal static class Signatures
{
    /// <summary>The size of the longest signature in bytes, which is that of HMAC-SHA512 and Ed25519.</summary>
    public const int MaxSize = 64;

    /// <summary>The size of the longest ECDSA or RSA signature in bytes, which is that of an RSA key of 4096 bits.</summary>
    public const int MaxPublicKeySize = 512;

    public static byte[] Compute(SignatureAlgorithm algorithm, SigningKey key, ReadOnlySpan<byte> content)
    {
        var signature = new byte[MaxSize];
        if (algorithm != SignatureAlgorithm.Ed25519)
        {
            return signature[..Hmac(algorithm, key, content, signature)];
        }

        var message = content.ToArray();
        Ed25519.Sign(key.Bytes[..Ed25519.SecretKeySize].ToArray(), 0, message, 0, message.Length, signature, 0);
        return signature;
    }

    // Twilio signs with SHA-1, which is not known to be weak as an HMAC (RFC 6194, section 3.3).
#pragma warning disable CA5350
    public static int Hmac(SignatureAlgorithm algorithm, SigningKey key, ReadOnlySpan<byte> content, Span<byte> signature) =>
        algorithm switch
    {
        SignatureAlgorithm.HmacSha256 => HMACSHA256.HashData(key.Bytes, content, signature),
        SignatureAlgorithm.HmacSha512 => HMACSHA512.HashData(key.Bytes, content, signature),
        SignatureAlgorithm.HmacSha1 => HMACSHA1.HashData(key.Bytes, content, signature),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, null),
    };
#pragma warning restore CA5350

    /// <summary>
    /// Verifies an Ed25519 signature. The time depends only on public values: content, signature and public key.
    /// </summary>
    public static bool IsEd25519(SigningKey key, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != Ed25519.SignatureSize)
        {
            return false;
        }

        var publicKey = key.Bytes[^Ed25519.PublicKeySize..].ToArray();
        var message = content.ToArray();
        return Ed25519.Verify(signature.ToArray(), 0, publicKey, 0, message, 0, message.Length);
    }

    /// <summary>Verifies an ECDSA or RSA signature. The time depends only on public values.</summary>
#pragma warning disable CA5350 // AWS SNS signs with SHA-1 unless the topic has SignatureVersion 2.
    public static bool IsPublicKeys(
        SignatureAlgorithm algorithm, SigningKey key, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        try
        {
            if (algorithm == SignatureAlgorithm.EcdsaP256)
            {
                using var ecdsa = PublicKeyParser.Ecdsa(key);
                return ecdsa.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            }

            using var rsa = PublicKeyParser.Rsa(key);
            var hash = algorithm == SignatureAlgorithm.RsaSha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;
            return rsa.VerifyData(content, signature, hash, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            // Not every platform reports a malformed signature as one that does not match.
            return false;
        }
    }
#pragma warning restore CA5350

    /// <summary>Compares a token in a time that depends on no secret: hashing first hides its length.</summary>
    public static bool IsToken(SigningKey key, ReadOnlySpan<char> token)
    {
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> claimed = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key.Bytes, expected);
        SHA256.HashData(Encoding.UTF8.GetBytes(token.ToArray()), claimed);
        return CryptographicOperations.FixedTimeEquals(expected, claimed);
    }
}
