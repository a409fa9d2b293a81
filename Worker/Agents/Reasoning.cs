using System.Text;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Reasoning within a model's text. Servers that know a model's marks hand it over apart from the text; others leave
/// <c>&lt;think&gt;…&lt;/think&gt;</c> in it.
/// </summary>
public static partial class Reasoning
{
    /// <summary>The text without reasoning; empty when it is nothing else. The same text where it has no marks.</summary>
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

            // Without a beginning: some models' templates have written it into the prompt.
            if (depth == 0)
            {
                kept.Clear();
            }

            depth = Math.Max(0, depth - 1);
            rest = mark.Index + mark.Length;
        }

        // Without an end: an answer that was cut while the model thought. In the middle of a line it is only spoken of.
        var isCut = depth > 0 && rest == opened && (rest == 0 || text[rest - 1] == '\n');
        return isCut ? kept.ToString().Trim() : kept.Append(text, rest, text.Length - rest).ToString().Trim();
    }

    // In quotation marks it is spoken of.
    [GeneratedRegex(
        """(?<![`'"])(<(?<end>/)?(think|thinking|thought|reasoning)>|\[(?<end>/)?think\])""",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex Mark();
}
