using System.Text;
using Xunit.Sdk;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>Random inputs for a property, each from a seed of its own that a failure names.</summary>
internal static class Fuzz
{
    /// <summary>How often a property is tried.</summary>
    public const int Rounds = 100_000;

    private const string Pool = "0123456789abcdefABCDEFghijxyzXYZ+/=-_.,;: \t'\"{}[]~|%&?#@\\\0\n\u00a0éß٣９\ud83c\udf89\ufffd";

    public static void Try(Action<Random> property, int rounds = Rounds)
    {
        for (var seed = 1; seed <= rounds; seed++)
        {
            try
            {
                property(new Random(seed));
            }
            catch (Exception exception)
            {
                throw new XunitException($"It does not hold with seed {seed}: {exception}", exception);
            }
        }
    }

    /// <summary>Text out of the pieces and single characters.</summary>
    public static string Text(Random random, int maxPieces, params string[] pieces)
    {
        var text = new StringBuilder();
        for (var left = random.Next(maxPieces + 1); left > 0; left--)
        {
            text.Append(
                pieces.Length > 0 && random.Next(3) > 0 ? pieces[random.Next(pieces.Length)] : Pool[random.Next(Pool.Length)]);
        }

        return text.ToString();
    }

    /// <summary>The text with some change; at times another text altogether, at times the same.</summary>
    public static string Changed(Random random, string text)
    {
        var changed = new StringBuilder(text);
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var at = random.Next(changed.Length + 1);
            var length = random.Next(changed.Length - at + 1);
            switch (random.Next(9))
            {
                case 0:
                    changed.Insert(at, Pool[random.Next(Pool.Length)]);
                    break;
                case 1 or 2 when at < changed.Length:
                    changed[at] = Pool[random.Next(Pool.Length)];
                    break;
                case 3 when at < changed.Length:
                    changed[at] = char.IsLower(changed[at])
                        ? char.ToUpperInvariant(changed[at])
                        : char.ToLowerInvariant(changed[at]);
                    break;
                case 4:
                    changed.Remove(at, Math.Min(length, 3));
                    break;
                case 5:
                    changed.Insert(at, changed.ToString(at, length));
                    break;
                case 6:
                    changed.Length = at;
                    break;
                case 7:
                    changed.Insert(0, Text(random, 8)).Append(Text(random, 8));
                    break;
                default:
                    changed = random.Next(20) == 0 ? new StringBuilder(Text(random, 40)) : changed;
                    break;
            }
        }

        return changed.ToString();
    }

    /// <summary>The bytes with some change, at times none.</summary>
    public static byte[] Changed(Random random, byte[] bytes)
    {
        var changed = bytes.ToList();
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var at = random.Next(changed.Count + 1);
            switch (random.Next(5))
            {
                case 0:
                    changed.Insert(at, (byte)random.Next(256));
                    break;
                case 1 when at < changed.Count:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when at < changed.Count:
                    changed.RemoveAt(at);
                    break;
                case 3:
                    changed.InsertRange(at, changed.Skip(at).Take(4).ToList());
                    break;
                default:
                    break;
            }
        }

        return [.. changed];
    }
}
