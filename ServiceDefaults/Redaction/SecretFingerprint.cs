using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>
/// Recognises one spelling of a secret without holding it: what processes that share a database tell each other of what they are
/// configured with.
/// </summary>
/// <param name="Length">How many UTF-16 characters the spelling has.</param>
/// <param name="Hint">A keyed hash of its last eight characters, for a first look at each place of a text.</param>
/// <param name="Hash">PBKDF2-HMAC-SHA256 of all of it, 16 bytes.</param>
/// <remarks>
/// Whoever reads the database can try guesses. The salt is the installation's, each guess costs a thousand iterations, and
/// the hint gives away at most 32 bits (24 of a spelling shorter than 16 characters). Random secrets of 16 characters and
/// more withstand that; short passwords do not, here as anywhere.
/// </remarks>
public sealed record SecretFingerprint(int Length, int Hint, byte[] Hash)
{
    /// <summary>The shortest spelling that has a fingerprint: shorter ones are words of ordinary text.</summary>
    public const int MinimumLength = SecretForms.MinimumLength;

    internal const int HintLength = 8;

    private const int Iterations = 1000;
    private const int HashBytes = 16;
    private const int LongEnough = 16;
    private const int ShortMask = ~0xFF;

    /// <summary>
    /// The fingerprints of a secret in all its spellings; none of one shorter than <see cref="MinimumLength"/>.
    /// </summary>
    /// <param name="salt">The installation's, 32 bytes.</param>
    public static IEnumerable<SecretFingerprint> OfSecret(string secret, byte[] salt) =>
        SecretForms.Of(secret).Select(form => Of(form, salt));

    /// <summary>The fingerprint of one spelling, which has at least <see cref="MinimumLength"/> characters.</summary>
    internal static SecretFingerprint Of(ReadOnlySpan<char> form, byte[] salt)
    {
        var hint = HintAt(form[^HintLength..], Keys(salt));
        return new(form.Length, form.Length < LongEnough ? hint & ShortMask : hint, HashOf(form, salt));
    }

    /// <summary>The hints that a fingerprint may have whose spelling ends with these characters.</summary>
    internal static (int Long, int Short) HintsAt(ReadOnlySpan<char> last, (ulong, ulong) keys)
    {
        var hint = HintAt(last, keys);
        return (hint, hint & ShortMask);
    }

    internal bool IsLong => Length >= LongEnough;

    internal static byte[] HashOf(ReadOnlySpan<char> form, byte[] salt) =>
        Rfc2898DeriveBytes.Pbkdf2(MemoryMarshal.AsBytes(form), salt, Iterations, HashAlgorithmName.SHA256, HashBytes);

    internal static (ulong First, ulong Second) Keys(byte[] salt)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(salt, hash);
        var keys = MemoryMarshal.Cast<byte, ulong>(hash);
        return (keys[0] | 1, keys[1] | 1);
    }

    // Two multiplications with secret factors. Whoever writes texts knows neither, and cannot make places look like secrets.
    private static int HintAt(ReadOnlySpan<char> last, (ulong First, ulong Second) keys)
    {
        var words = MemoryMarshal.Cast<char, ulong>(last);
        var mixed = (words[0] * keys.First) ^ BitOperations.RotateLeft(words[1] * keys.Second, 31);
        mixed ^= mixed >> 29;
        return (int)((mixed * keys.First) >> 32);
    }
}
