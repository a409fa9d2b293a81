using System.Buffers;
using System.Text;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>What is to be taken out of a text.</summary>
internal sealed class Cuts
{
    // So many different credentials in one text are lists of them, each with its name.
    private const int MaxLearned = 256;

    // What separates the credentials of a header from each other and from their names.
    private static readonly SearchValues<char> Separators = SearchValues.Create(" ;,=&:\"'");

    private readonly List<Cut> _cuts = [];
    private readonly HashSet<string> _learned = new(StringComparer.Ordinal);

    public bool AreEmpty => _cuts.Count == 0;

    public IReadOnlyList<Cut> All => _cuts;

    /// <summary>Values that are credentials wherever they stand.</summary>
    public IReadOnlySet<string> Learned => _learned;

    /// <param name="rule">Which rule found it.</param>
    /// <param name="quote">What stands around the replacement of a number of JSON, which becomes a string.</param>
    public void Add(int from, int to, string rule, string quote = "")
    {
        if (from < to)
        {
            _cuts.Add(new(from, to, rule, quote));
        }
    }

    /// <summary>Adds what its name or its place gave away, and learns it.</summary>
    public bool AddNamed(int from, int to, ReadOnlySpan<char> value)
    {
        Add(from, to, "named like a credential");
        Learn(value);
        return true;
    }

    /// <summary>Adds what was found in a text that stands within this one.</summary>
    /// <param name="place">Where in this text a place of the other is.</param>
    public void Add(Cuts within, Func<int, int> place)
    {
        foreach (var cut in within._cuts)
        {
            Add(place(cut.From), place(cut.To), cut.Rule, cut.Quote);
        }

        foreach (var value in within._learned)
        {
            Remember(value);
        }
    }

    /// <summary>
    /// Remembers a value that its name or its place gave away, and the credentials in it: "Bearer x", "sid=x; theme=dark".
    /// </summary>
    public void Learn(ReadOnlySpan<char> value)
    {
        value = value.Trim();
        if (CredentialValue.Tells(value) != Telling.Nothing)
        {
            Remember(value.ToString());
        }

        if (value.Length > CredentialValue.MaxJudged || !value.ContainsAny(Separators))
        {
            return;
        }

        foreach (var part in value.SplitAny(Separators))
        {
            if (CredentialValue.IsRandom(value[part]))
            {
                Remember(value[part].ToString());
            }
        }
    }

    private void Remember(string value)
    {
        if (_learned.Count < MaxLearned)
        {
            _learned.Add(value);
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
