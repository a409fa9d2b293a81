namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>The secrets of other processes, as fingerprints. Immutable.</summary>
internal sealed class SharedSecrets
{
    public static readonly SharedSecrets None = new([], []);

    private const int Bits = 17;
    private const int Length = SecretFingerprint.HintLength;

    // A text in which more places look like secrets was made for it: what looks like one goes unconfirmed then, so that the
    // time which a text takes stays bounded.
    private const int MostConfirmations = 100;

    private readonly byte[] _salt;
    private readonly (ulong, ulong) _keys;
    private readonly ulong[] _hinted = new ulong[(1 << Bits) / 64];
    private readonly Dictionary<int, SecretFingerprint[]> _byHint;

    /// <param name="salt">The installation's.</param>
    public SharedSecrets(IEnumerable<SecretFingerprint> fingerprints, byte[] salt)
    {
        _salt = salt;
        _keys = SecretFingerprint.Keys(salt);
        _byHint = fingerprints.GroupBy(fingerprint => fingerprint.Hint)
            .ToDictionary(group => group.Key, group => group.ToArray());
        foreach (var hint in _byHint.Keys)
        {
            var bit = (uint)hint >> (32 - Bits);
            _hinted[bit >> 6] |= 1UL << (int)bit;
        }
    }

    /// <summary>Whether one is in the text.</summary>
    public bool AreIn(ReadOnlySpan<char> text)
    {
        var confirmations = 0;
        return Next(text, 0, ref confirmations).End > 0;
    }

    /// <summary>Where they stand in the text, by their ends: a longer one can begin before others that are found first.</summary>
    public List<(int From, int To)> Find(ReadOnlySpan<char> text)
    {
        List<(int From, int To)> found = [];
        var confirmations = 0;
        for (var (start, end) = Next(text, 0, ref confirmations); end > 0;
            (start, end) = Next(text, end - Length + 1, ref confirmations))
        {
            found.Add((start, end));
        }

        return found;
    }

    // The next secret whose last characters begin at this place or later; with end 0 where there is none.
    private (int Start, int End) Next(ReadOnlySpan<char> text, int from, ref int confirmations)
    {
        if (_byHint.Count == 0)
        {
            return default;
        }

        for (var at = from; at <= text.Length - Length; at++)
        {
            var (full, shortened) = SecretFingerprint.HintsAt(text.Slice(at, Length), _keys);
            if (!IsHinted(full) && !IsHinted(shortened))
            {
                continue;
            }

            var start = Math.Min(
                Start(text, at, full, isLong: true, ref confirmations),
                Start(text, at, shortened, isLong: false, ref confirmations));
            if (start < int.MaxValue)
            {
                return (start, at + Length);
            }
        }

        return default;
    }

    private bool IsHinted(int hint)
    {
        var bit = (uint)hint >> (32 - Bits);
        return (_hinted[bit >> 6] & (1UL << (int)bit)) != 0;
    }

    // The first character of the longest secret that ends here.
    private int Start(ReadOnlySpan<char> text, int at, int hint, bool isLong, ref int confirmations)
    {
        var first = int.MaxValue;
        foreach (var fingerprint in _byHint.GetValueOrDefault(hint) ?? [])
        {
            var start = at + Length - fingerprint.Length;
            if (fingerprint.IsLong == isLong && start >= 0 && start < first
                && (++confirmations > MostConfirmations
                    || SecretFingerprint.HashOf(text.Slice(start, fingerprint.Length), _salt).AsSpan()
                        .SequenceEqual(fingerprint.Hash)))
            {
                first = start;
            }
        }

        return first;
    }
}
