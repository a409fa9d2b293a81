using System.Text;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Removes reasoning from the text of a model. Servers that know the marks of the model return the reasoning separately; others
/// leave <c>&lt;think&gt;…&lt;/think&gt;</c> in the text.
/// </summary>
public static partial class Reasoning
{
    /// <summary>Returns the text without reasoning; the same instance when it has no marks.</summary>
    public static string Remove(string text)
    {
        var marks = Mark().Matches(text);
        if (marks.Count == 0)
        {
            return text;
        }

        var kept = new StringBuilder();
        var rest = 0;
        int? opened = null;
        var depth = 0;
        foreach (Match mark in marks)
        {
            if (!mark.Groups["end"].Success)
            {
                if (depth++ == 0)
                {
                    kept.Append(text, rest, mark.Index - rest);
                    (opened, rest) = (mark.Index, mark.Index);
                }

                continue;
            }

            // The first mark can be an end, because the templates of some models write the beginning into the prompt.
            if (depth == 0)
            {
                kept.Clear();
            }

            depth = Math.Max(0, depth - 1);
            rest = mark.Index + mark.Length;
        }

        // Without an end mark, the answer was cut during the reasoning. A mark in the middle of a line is only a mention.
        var isCut = depth > 0 && rest == opened && (rest == 0 || text[rest - 1] == '\n');
        return isCut ? kept.ToString().Trim() : kept.Append(text, rest, text.Length - rest).ToString().Trim();
    }

    // A mark in quotation marks is only a mention.
    [GeneratedRegex(
        """(?<![`'"])(<(?<end>/)?(think|thinking|thought|reasoning)>|\[(?<end>/)?think\])""",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Mark();
}
