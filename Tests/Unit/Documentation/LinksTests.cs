using System.Text;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Unit.Documentation;

/// <summary>The pages of the repository: what they refer to exists.</summary>
public sealed partial class LinksTests : IDisposable
{
    private const int LongestReadme = 120;

    // What builds, runs and editors leave behind, and other people's pages.
    private static readonly string[] Skipped = ["bin", "obj", "node_modules", "TestResults"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("links-");

    [Fact]
    public void Every_link_leads_to_a_file_or_a_heading_that_exists() => AssertNone(BrokenLinks(Repository.Folder));

    [Fact]
    public void Every_path_in_code_is_a_file_that_exists() => AssertNone(MissingFiles(Repository.Folder));

    [Fact]
    public void The_readme_has_at_most_120_lines() =>
        Assert.InRange(File.ReadAllLines(Path.Combine(Repository.Folder, "README.md")).Length, 1, LongestReadme);

    [Theory]
    [InlineData("[a file](missing.md)", "README.md: missing.md")]
    [InlineData("[a folder](missing/)", "README.md: missing/")]
    [InlineData("![a picture](missing.png)", "README.md: missing.png")]
    [InlineData("[a heading](#missing)", "README.md: #missing")]
    [InlineData("[a heading](docs/page.md#missing)", "README.md: docs/page.md#missing")]
    [InlineData("[another case](docs/Page.md)", "README.md: docs/Page.md")]
    [InlineData("[a reference][missing]", "README.md: [missing]")]
    [InlineData("[defined][x]\n\n[x]: missing.md", "README.md: missing.md")]
    public void A_link_that_leads_nowhere_is_found(string text, string broken)
    {
        Write("README.md", text);
        Write("docs/page.md", "# A page");

        Assert.Equal([broken], BrokenLinks(_folder.FullName));
    }

    [Theory]
    [InlineData("[a page](docs/page.md) and [its heading](docs/page.md#what-it-is-a--b)")]
    [InlineData("[a folder](docs)")]
    [InlineData("[the second of two](docs/page.md#twice-1)")]
    [InlineData("[elsewhere](https://example.com/missing.md#missing)")]
    [InlineData("`[no link](missing.md)`")]
    [InlineData("```\n[no link](missing.md)\n```")]
    [InlineData("[defined][x]\n\n[x]: docs/page.md")]
    public void A_link_that_leads_somewhere_and_code_are_left_alone(string text)
    {
        Write("README.md", text);
        Write("docs/page.md", "# A page\n\n## What it is: `a` & [b](page.md)\n\n## Twice\n\n## Twice");

        Assert.Empty(BrokenLinks(_folder.FullName));
    }

    [Theory]
    [InlineData("`docs/missing.md`", "README.md: docs/missing.md")]
    [InlineData("`./missing.sh all`", "README.md: ./missing.sh")]
    [InlineData("`docs/page.md` `missing/A.cs`", "README.md: missing/A.cs")]
    public void A_path_of_no_file_is_found(string text, string missing)
    {
        Write("README.md", text);
        Write("docs/page.md", "");

        Assert.Equal([missing], MissingFiles(_folder.FullName));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // All of them: the framework's own message has the beginnings of the first few.
    private static void AssertNone(List<string> wrong) => Assert.True(wrong.Count == 0, string.Join('\n', wrong));

    private static List<string> BrokenLinks(string root) => [.. Pages(root).SelectMany(page => BrokenLinks(root, page))];

    private static IEnumerable<string> BrokenLinks(string root, string page)
    {
        var text = CodeSpan().Replace(WithoutBlocks(File.ReadAllText(page)), "");
        var defined = Definition().Matches(text).Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var undefined = Reference().Matches(text).Select(match => match.Groups["name"].Value)
            .Where(name => !defined.Contains(name));
        var targets = Link().Matches(text).Concat(Definition().Matches(text)).Select(match => match.Groups["target"].Value);
        return undefined.Select(name => $"[{name}]").Concat(targets.Where(target => !Resolves(page, target)))
            .Select(link => $"{Path.GetRelativePath(root, page)}: {link}");
    }

    private static bool Resolves(string page, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal))
        {
            return true;
        }

        var (path, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, "");
        var full = path.Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, path));
        return (File.Exists(full) || Directory.Exists(full))
            && (anchor.Length == 0 || Anchors(File.ReadAllText(full)).Contains(anchor));
    }

    // As GitHub makes them: lower case, hyphens for blanks, no punctuation; a number where a heading is repeated.
    private static HashSet<string> Anchors(string text)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (var heading in Heading().Matches(WithoutBlocks(text)).Select(match => match.Groups["text"].Value))
        {
            var shown = Link().Replace(heading, match => match.Groups["text"].Value).Trim().ToLowerInvariant();
            var anchor = string.Concat(shown.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');
            for (var (next, number) = (anchor, 1); !anchors.Add(next); number++)
            {
                next = $"{anchor}-{number}";
            }
        }

        return anchors;
    }

    private static List<string> MissingFiles(string root) =>
    [
        .. from page in Pages(root)
           from Match span in CodeSpan().Matches(WithoutBlocks(File.ReadAllText(page)))
           from word in span.Groups["code"].Value.Split(' ')
           where FilePath().IsMatch(word) && !File.Exists(Path.Combine(root, word))
           select $"{Path.GetRelativePath(root, page)}: {word}",
    ];

    private static IEnumerable<string> Pages(string folder) => Directory.EnumerateFiles(folder, "*.md").Concat(
        Directory.EnumerateDirectories(folder).Where(IsOurs).SelectMany(Pages)).Order(StringComparer.Ordinal);

    private static bool IsOurs(string folder) =>
        Path.GetFileName(folder) is var name && !name.StartsWith('.') && !Skipped.Contains(name, StringComparer.Ordinal);

    private static string WithoutBlocks(string text)
    {
        var (kept, isCode) = (new StringBuilder(), false);
        foreach (var line in text.Split('\n'))
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            kept.Append(isCode || isFence ? "" : line).Append('\n');
            isCode ^= isFence;
        }

        return kept.ToString();
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    [GeneratedRegex(@"!?\[(?<text>[^\]]*)\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"\]\[(?<name>[^\]]+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();

    [GeneratedRegex(@"^\[(?<name>[^\]]+)\]: (?<target>\S+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Definition();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex("`(?<code>[^`\n]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeSpan();

    // A path in the repository, neither a pattern nor a URL.
    [GeneratedRegex(@"^[\w.][\w./-]*/[\w./-]+\.(cs|sh|sql|md)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FilePath();
}
