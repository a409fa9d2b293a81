using System.Text;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>What is to be taken out of a text.</summary>
internal sealed class Cuts
{
    // So many different credentials in one text are lists of them, each with its name.
    private const int MaxLearned = 64;

    private readonly List<Cut> _cuts = [];
    private readonly List<string> _learned = [];

    public bool AreEmpty => _cuts.Count == 0;

    public IReadOnlyList<Cut> All => _cuts;

    /// <summary>Values that are credentials wherever they stand.</summary>
    public IReadOnlyList<string> Learned => _learned;

    /// <param name="rule">Which rule found it.</param>
    /// <param name="quote">What stands around the replacement of a number of JSON, which becomes a string.</param>
    public void Add(int from, int to, string rule, string quote = "")
    {
        if (from < to)
        {
            _cuts.Add(new(from, to, rule, quote));
        }
    }

    /// <summary>Adds what was found in a text that stands within this one.</summary>
    /// <param name="place">Where in this text a place of the other is.</param>
    public void Add(Cuts within, Func<int, int> place)
    {
        foreach (var cut in within._cuts)
        {
            Add(place(cut.From), place(cut.To), cut.Rule, cut.Quote);
        }

        _learned.AddRange(within._learned);
    }

    /// <summary>Remembers a value that its name or its place gave away.</summary>
    public void Learn(ReadOnlySpan<char> value)
    {
        if (_learned.Count < MaxLearned && CredentialValue.IsTelling(value))
        {
            _learned.Add(value.ToString());
        }
    }

    /// <summary>The text with the replacement in the place of each, and of what overlaps once; the same instance where there is
    /// nothing to take out.</summary>
    public string Apply(string text)
    {
        if (AreEmpty)
        {
            return text;
        }

        _cuts.Sort((one, other) => one.From.CompareTo(other.From));
        var result = new StringBuilder(text.Length);
        var done = 0;
        for (var index = 0; index < _cuts.Count;)
        {
            var (from, to, quote) = (_cuts[index].From, _cuts[index].To, _cuts[index].Quote);
            while (++index < _cuts.Count && _cuts[index].From <= to)
            {
                (to, quote) = (Math.Max(to, _cuts[index].To), quote.Length > 0 ? quote : _cuts[index].Quote);
            }

            result.Append(text, done, from - done).Append(quote).Append(Redactor.Replacement).Append(quote);
            done = to;
        }

        return result.Append(text, done, text.Length - done).ToString();
    }
}

/// <summary>A part of a text that is to be taken out.</summary>
internal readonly record struct Cut(int From, int To, string Rule, string Quote);
