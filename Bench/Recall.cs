using System.CommandLine;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Bench;

/// <summary>Measures on texts that are kept elsewhere what redaction finds and what it takes out without need.</summary>
internal static class Recall
{
    private static readonly string[] Documents = [".json", ".xml", ".yaml", ".yml"];

    private static readonly Argument<DirectoryInfo> Folder = new("folder")
    {
        Description =
            "*.tsv: a secret, a tab and a text with it on each line, where \\n, \\r, \\t and \\\\ are escapes of the text. "
            + "All other files hold none: JSON, XML and YAML are one text, of others each line is one.",
    };

    private static readonly Option<int> Show = new(
        "--show") { Description = "How many of what is missed or changed to print for each file." };

    public static Command Create()
    {
        var command = new Command(
            "recall", "Recall and false positives of redaction, for each file and each rule.") { Folder, Show };
        command.Hidden = true;
        command.SetAction(result => Run(result.GetValue(Folder)!, result.GetValue(Show)));
        return command;
    }

    private static void Run(DirectoryInfo folder, int show)
    {
        var redactor = new Redactor([]);
        List<Result> results = [];
        foreach (
            var file in folder.EnumerateFiles("*", SearchOption.AllDirectories)
                .OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder.FullName, file.FullName);
            var isPositive = file.Extension == ".tsv";
            var result = new Result(name, isPositive);
            if (isPositive)
            {
                MeasureSecrets(redactor, file, result);
            }
            else
            {
                MeasureInnocent(redactor, file, result);
            }

            results.Add(result);
            Console.WriteLine(result);
            result.Examples.Take(show).ToList().ForEach(example => Console.WriteLine($"    {example}"));
        }

        Print("all secrets", results.Where(result => result.IsPositive));
        foreach (var group in results.GroupBy(result => Path.GetDirectoryName(result.Name) ?? "", StringComparer.Ordinal))
        {
            Print($"{group.Key}, secrets", group.Where(result => result.IsPositive));
            Print($"{group.Key}, innocent", group.Where(result => !result.IsPositive));
        }

        Print("all innocent", results.Where(result => !result.IsPositive));
        PrintRules("found by", results.Where(result => result.IsPositive));
        PrintRules("changed without need by", results.Where(result => !result.IsPositive));
    }

    private static void MeasureSecrets(Redactor redactor, FileInfo file, Result result)
    {
        foreach (var line in File.ReadLines(file.FullName))
        {
            if (line.Split('\t', 2) is not [{ Length: > 0 } secret, var escaped])
            {
                continue;
            }

            var text = Unescaped(escaped);
            var isFound = !redactor.Redact(text).Contains(secret, StringComparison.Ordinal);
            result.Count(isFound, $"{secret} in {escaped}");
            if (isFound)
            {
                var at = text.IndexOf(secret, StringComparison.Ordinal);
                result.CountRules(redactor.Find(text).All.Where(cut => cut.From < at + secret.Length && cut.To > at));
            }
        }
    }

    private static void MeasureInnocent(Redactor redactor, FileInfo file, Result result)
    {
        IEnumerable<string> texts = Documents.Contains(file.Extension)
            ? [File.ReadAllText(file.FullName)]
            : File.ReadLines(file.FullName);
        foreach (var text in texts)
        {
            var redacted = redactor.Redact(text);
            var lines = text.Split('\n');
            var changed = ReferenceEquals(redacted, text) ? lines : redacted.Split('\n');
            for (var line = 0; line < lines.Length; line++)
            {
                var isSame = line < changed.Length && lines[line] == changed[line];
                result.Count(
                    !isSame,
                    isSame ? "" : $"{lines[line].Trim()}  →  {(line < changed.Length ? changed[line].Trim() : "nothing")}");
            }

            result.CountRules(redactor.Find(text).All);
        }
    }

    private static string Unescaped(string text) => text.Contains('\\')
        ? text.Replace("\\\\", "\0", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal)
            .Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal).Replace('\0', '\\')
        : text;

    private static void Print(string name, IEnumerable<Result> results)
    {
        var all = results.ToList();
        if (all.Count > 0)
        {
            Console.WriteLine(
                new Result(
                    name, all[0].IsPositive) { Hits = all.Sum(result => result.Hits), Texts = all.Sum(result => result.Texts) });
        }
    }

    private static void PrintRules(string title, IEnumerable<Result> results)
    {
        Console.WriteLine($"{title}:");
        foreach (
            var rule in results.SelectMany(result => result.Rules)
                .GroupBy(rule => rule.Key, rule => rule.Value, StringComparer.Ordinal)
            .OrderByDescending(rule => rule.Sum()))
        {
            Console.WriteLine($"{rule.Sum(),8}  {rule.Key}");
        }
    }

    private sealed class Result(string name, bool isPositive)
    {
        public string Name { get; } = name;

        public bool IsPositive { get; } = isPositive;

        public int Texts { get; set; }

        public int Hits { get; set; }

        public List<string> Examples { get; } = [];

        public Dictionary<string, int> Rules { get; } = new(StringComparer.Ordinal);

        public void Count(bool isHit, string example)
        {
            Texts++;
            Hits += isHit ? 1 : 0;
            if (isHit != IsPositive)
            {
                Examples.Add(example);
            }
        }

        public void CountRules(IEnumerable<Cut> cuts)
        {
            foreach (var cut in cuts)
            {
                Rules[cut.Rule] = Rules.GetValueOrDefault(cut.Rule) + 1;
            }
        }

        public override string ToString() =>
            $"{(Texts == 0 ? 0 : 100.0 * Hits / Texts),7:F2} %  {Hits,6} of {Texts,6}  {(IsPositive ? "found" : "changed")}  "
                + $"{Name}";
    }
}
