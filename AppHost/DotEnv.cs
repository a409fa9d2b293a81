namespace Aspire.Webhooks.AppHost;

/// <summary>Reads <c>.env</c> files: <c>KEY=value</c> lines, comments, <c>export</c>, single and double quotes.</summary>
internal static class DotEnv
{
    /// <summary>Parses the text. The last value of a repeated key is used.</summary>
    public static IReadOnlyDictionary<string, string?> Parse(string text)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var line = raw.Trim();
            if (line.StartsWith("export ", StringComparison.Ordinal))
            {
                line = line["export ".Length..].TrimStart();
            }

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line[0] == '#')
            {
                continue;
            }

            values[line[..equals].TrimEnd()] = Unquote(line[(equals + 1)..].Trim());
        }

        return values;
    }

    private static string Unquote(string value)
    {
        if (value.Length > 0 && value[0] is '"' or '\'')
        {
            var end = value.IndexOf(value[0], 1);
            if (end > 0)
            {
                return value[1..end];
            }
        }

        var comment = value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? value : value[..comment].TrimEnd();
    }
}
