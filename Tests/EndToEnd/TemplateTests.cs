using System.IO.Enumeration;
using System.Text;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>The repository as a template of <c>dotnet new</c>.</summary>
public sealed partial class TemplateTests : IDisposable
{
    private const string Name = "Aspire.Webhooks";

    // The type of C# projects, no project's own.
    private const string CSharp = "FAE04EC0-301F-11D3-BF4B-00C04F79EFBC";

    // What takes 20 seconds alone takes minutes while other tests run.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    // What builds, runs and editors leave behind, and what is about the template.
    private static readonly string[] NotCopied =
    [
        ".git", ".env", ".data", ".tools", ".vs", ".idea", "bin", "obj", "node_modules", "TestResults", ".template.config",
        "TemplateTests.cs",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("template-");

    [Fact]
    public async Task A_new_solution_is_the_repository_renamed_and_builds_and_passes_its_tests()
    {
        var solution = await CreateAsync("Acme");
        AssertRenamed(solution, "Acme", "Acme", "acme");

        // Without analyzers, which judge the same text in this repository, it takes half the time.
        await RunAsync(
            solution, "msbuild", "Tests", "-restore", "-nologo", "-v:quiet", "-p:RunAnalyzers=false", "-p:NuGetAudit=false");
        var output = await RunAsync(
            solution, "Tests/bin/Debug/net10.0/Tests.dll", "-noColor", "-class", "Acme.Tests.Unit.Signing.SigningKeyTests");

        Assert.Matches("Total: [1-9][0-9]*, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0,", output);
    }

    [Fact]
    public async Task A_name_that_is_no_namespace_gives_one_and_ids_in_lower_case() =>
        AssertRenamed(await CreateAsync("Acme.My-hooks 2"), "Acme.My-hooks 2", "Acme.My_hooks_2", "acme-my-hooks-2");

    public void Dispose() => _folder.Delete(recursive: true);

    private static void AssertRenamed(string solution, string name, string rootNamespace, string id)
    {
        var originals = FilesOf(Repository.Folder, NotCopied);
        Assert.Equal(originals.Select(Copied).Order(StringComparer.Ordinal), FilesOf(solution, []).Order(StringComparer.Ordinal));
        Assert.All(originals, file =>
        {
            var (original, copy) = (Path.Combine(Repository.Folder, file), Path.Combine(solution, Copied(file)));
            var text = Read(copy);
            Assert.Equal(Expected(file, rootNamespace, id), Id().Replace(text, ""));
            Assert.True(IsExecutable(copy) || !IsExecutable(original), "It is not executable any more.");
            if (file != "LICENSE")
            {
                Assert.DoesNotMatch("(?i)aspire.?webhooks", text);
            }
        });
        var repeated = Ids(Path.Combine(Repository.Folder, $"{Name}.sln"));
        repeated.IntersectWith(Ids(Path.Combine(solution, $"{name}.sln")));
        Assert.Equal([CSharp], repeated);

        string Copied(string file) => file.Replace(Name, name, StringComparison.Ordinal);
    }

    private static string Expected(string file, string rootNamespace, string id)
    {
        var text = Id().Replace(Read(Path.Combine(Repository.Folder, file)), "");
        return file switch
        {
            // The copyright stays with its holders.
            "LICENSE" => text,
            "README.md" => Rename(AboutTheTemplate().Replace(text, "")),
            ".editorconfig" when rootNamespace.Contains('_', StringComparison.Ordinal) =>
                text.Replace("CA1707.severity = warning", "CA1707.severity = none", StringComparison.Ordinal),
            _ => Rename(text),
        };

        string Rename(string original) => original
            .Replace(Name, rootNamespace, StringComparison.Ordinal)
            .Replace("aspire.webhooks", rootNamespace.ToLowerInvariant(), StringComparison.Ordinal)
            .Replace("aspire-webhooks", id, StringComparison.Ordinal);
    }

    private static List<string> FilesOf(string folder, string[] without)
    {
        return
        [
            .. new FileSystemEnumerable<string>(
                folder,
                (ref FileSystemEntry entry) => Path.GetRelativePath(folder, entry.ToFullPath()),
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && IsWanted(ref entry),
                ShouldRecursePredicate = IsWanted,
            },
        ];

        bool IsWanted(ref FileSystemEntry entry) => !without.Contains(entry.FileName.ToString(), StringComparer.Ordinal);
    }

    // A character for each byte: byte order marks and pictures have to stay as they are too.
    private static string Read(string file) => Encoding.Latin1.GetString(File.ReadAllBytes(file));

    private static HashSet<string> Ids(string file) =>
        Id().Matches(Read(file)).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);

    private static bool IsExecutable(string file) =>
        !OperatingSystem.IsWindows() && File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute);

    [GeneratedRegex("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();

    [GeneratedRegex("<!--#if \\(template\\)-->\n.*?<!--#endif-->\n", RegexOptions.Singleline, 1000)]
    private static partial Regex AboutTheTemplate();

    // From a hive of its own: the developer's templates stay as they are.
    private async Task<string> CreateAsync(string name)
    {
        string[] hive = ["--debug:custom-hive", Path.Combine(_folder.FullName, "hive")];
        await RunAsync(_folder.FullName, ["new", "install", Repository.Folder, .. hive]);
        await RunAsync(_folder.FullName, ["new", "aspire-webhooks", "-n", name, .. hive]);
        return Path.Combine(_folder.FullName, name);
    }

    private static async Task<string> RunAsync(string folder, params string[] command)
    {
        var result = await FinishedProcess.RunAsync(command[0], command[1..], start =>
        {
            start.WorkingDirectory = folder;
            // No build server stays behind.
            start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
            start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
            start.Environment["UseSharedCompilation"] = "false";
        }, limit: Limit);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        return result.Output;
    }
}
