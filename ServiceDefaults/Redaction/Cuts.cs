using System.Text;

namespace Aspire.Webhooks.Redaction;

/// <summary>What is to be taken out of a text.</summary>
/// <param name="learned">Where values go that are credentials wherever they stand.</param>
internal sealed class Cuts(HashSet<string>? learned = null)
{
    // So many different credentials in one text are lists of them, each with its name.
    private const int MaxLearned = 64;

    private readonly List<Cut> _cuts = [];

    public bool AreEmpty => _cuts.Count == 0;

    public IReadOnlyList<Cut> All => _cuts;

    public HashSet<string> Learned { get; } = learned ?? new(StringComparer.Ordinal);

    /// <param name="rule">Which rule found it.</param>
    /// <param name="isNumber">Whether it is a number of JSON, which becomes a string.</param>
    public void Add(int from, int to, string rule, bool isNumber = false)
    {
        if (from < to)
        {
            _cuts.Add(new(from, to, rule, isNumber));
        }
    }

    /// <summary>Remembers a value that its name or its place gave away.</summary>
    public void Learn(ReadOnlySpan<char> value)
    {
        if (Learned.Count < MaxLearned && CredentialValue.IsTelling(value))
        {
            Learned.Add(value.ToString());
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
            var (from, to, isNumber) = (_cuts[index].From, _cuts[index].To, _cuts[index].IsNumber);
            while (++index < _cuts.Count && _cuts[index].From <= to)
            {
                (to, isNumber) = (Math.Max(to, _cuts[index].To), isNumber || _cuts[index].IsNumber);
            }

            var quote = isNumber ? "\"" : "";
            result.Append(text, done, from - done).Append(quote).Append(Redactor.Replacement).Append(quote);
            done = to;
        }

        return result.Append(text, done, text.Length - done).ToString();
    }
}

/// <summary>A part of a text that is to be taken out.</summary>
internal readonly record struct Cut(int From, int To, string Rule, bool IsNumber);
