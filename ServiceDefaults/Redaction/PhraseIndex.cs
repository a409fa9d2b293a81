using System.Runtime.InteropServices;

namespace Aspire.Webhooks.Redaction;

/// <summary>Finds where in a text one of many phrases begins, in one pass. Every occurrence holds four characters at a
/// sampled place that few texts hold by chance, and the longer the phrases, the fewer places have to be looked at.</summary>
/// <remarks>SearchValues takes 0.6 µs for a line of 200 characters as soon as there are more than some dozens.</remarks>
internal sealed class PhraseIndex
{
    private const int Gram = 4;
    private const int HashBits = 16;

    // Upper and lower case hash alike, for phrases that are compared without case.
    private const ulong LowerCase = 0x0020_0020_0020_0020;
    private const ulong FirstThree = 0x0000_FFFF_FFFF_FFFF;
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    private readonly string[] _phrases;
    private readonly StringComparison _comparison;
    private readonly int _step;
    private readonly ulong[] _sampled = new ulong[(1 << HashBits) / 64];
    private readonly Dictionary<int, List<int>> _beginnings = [];

    /// <param name="phrases">At least one, and at least three characters each. One of three is found where an ASCII
    /// character other than a space follows.</param>
    public PhraseIndex(string[] phrases, StringComparison comparison)
    {
        _phrases = phrases;
        _comparison = comparison;
        _step = Math.Max(phrases.Min(phrase => phrase.Length) - Gram + 1, 1);
        for (var index = 0; index < phrases.Length; index++)
        {
            var phrase = phrases[index];
            if (phrase.Length < Gram)
            {
                for (var next = '!'; next <= '~'; next++)
                {
                    Sample(Hash($"{phrase}{next}", 0));
                }
            }

            for (var offset = 0; offset < _step && offset + Gram <= phrase.Length; offset++)
            {
                Sample(Hash(phrase, offset));
            }

            AddBeginning(phrase.Length < Gram ? Hash($"{phrase} ", 0, FirstThree) : Hash(phrase, 0), index);
        }
    }

    /// <summary>Puts the indices of the phrases that begin at the first place from <paramref name="from"/> on into
    /// <paramref name="found"/>, and returns the place; -1 when there is none.</summary>
    public int Next(string text, int from, ref List<int>? found)
    {
        var sampled = _sampled;
        var bytes = MemoryMarshal.AsBytes(text.AsSpan());
        for (var sample = from + _step - 1; sample + Gram <= text.Length; sample += _step)
        {
            var hash = (int)((MemoryMarshal.Read<ulong>(bytes[(sample * 2)..]) | LowerCase) * Spread >> (64 - HashBits));
            if ((sampled[hash >> 6] >> hash & 1) == 0)
            {
                continue;
            }

            for (var at = sample - _step + 1; at <= sample; at++)
            {
                found?.Clear();
                Find(text, at, Hash(text, at), ref found);
                Find(text, at, Hash(text, at, FirstThree), ref found);
                if (found is { Count: > 0 })
                {
                    return at;
                }
            }
        }

        return -1;
    }

    private void Find(string text, int at, int beginning, ref List<int>? found)
    {
        if (!_beginnings.TryGetValue(beginning, out var alike))
        {
            return;
        }

        foreach (var index in alike)
        {
            if (text.AsSpan(at).StartsWith(_phrases[index], _comparison))
            {
                (found ??= []).Add(index);
            }
        }
    }

    private void Sample(int hash) => _sampled[hash >> 6] |= 1UL << hash;

    private void AddBeginning(int hash, int index)
    {
        if (!_beginnings.TryGetValue(hash, out var alike))
        {
            _beginnings[hash] = alike = [];
        }

        alike.Add(index);
    }

    private static int Hash(string text, int at, ulong characters = ulong.MaxValue) =>
        (int)(((MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(text.AsSpan(at, Gram))) | LowerCase) & characters) * Spread >> (64 - HashBits));
}
