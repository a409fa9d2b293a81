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

    /// <summary>Sets values in the text of a file, and keeps its other lines. Keys that are not there are appended.</summary>
    /// <exception cref="FormatException">A value cannot be written as a line. The message does not quote it.</exception>
    public static string Set(string text, IReadOnlyDictionary<string, string> values)
    {
        var lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').ToList();
        foreach (var (key, value) in values)
        {
            var line = $"{key}={Quote(value)}";
            if (Parse(line).GetValueOrDefault(key) != value)
            {
                throw new FormatException($"The value of {key} cannot be written to a .env file.");
            }

            // The last value of a repeated key is used.
            var at = lines.FindLastIndex(known => Parse(known).ContainsKey(key));
            if (at < 0)
            {
                lines.Add(line);
            }
            else
            {
                lines[at] = line;
            }
        }

        return string.Join('\n', lines.SkipWhile(line => line.Length == 0)) + "\n";
    }

    private static string Quote(string value) =>
        Unquote(value) == value && value.Trim() == value ? value : value.Contains('"') ? $"'{value}'" : $"\"{value}\"";

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
