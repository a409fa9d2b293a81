using System.Text.RegularExpressions;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>docs/where-text-is-redacted.md: its columns are those of the schema, and the files that it names are there.</summary>
public sealed partial class RedactionDocumentTests(TestStack stack)
{
    // What cannot hold text. Any other type has to be looked at.
    private const string Wordless = "'uuid', 'bigint', 'integer', 'boolean', 'timestamp with time zone'";

    private static readonly string Document = File.ReadAllText(
        Path.Combine(Repository.Folder, "docs", "where-text-is-redacted.md"));

    [Fact]
    public async Task Each_column_that_can_hold_text_has_one_row_and_each_row_has_a_column()
    {
        var database = await stack.NewDatabaseAsync();

        var columns = await Sql.ScalarAsync<string[]>(database, $"""
            select array_agg(table_name || '.' || column_name) from information_schema.columns
            where table_schema = 'webhooks' and data_type not in ({Wordless})
            """);
        var rows = Row().Matches(Section("Columns")).Select(row => row.Groups["column"].Value).ToList();

        Assert.Empty(columns!.Except(rows, StringComparer.Ordinal));
        Assert.Empty(rows.Except(columns!, StringComparer.Ordinal));
        Assert.Distinct(rows, StringComparer.Ordinal);
    }

    [Fact]
    public void Each_file_that_is_named_is_there()
    {
        var files = Directory.EnumerateFiles(Repository.Folder, "*", new EnumerationOptions { RecurseSubdirectories = true })
            .Select(file => Path.GetFileName(file)!);
        var named = FileName().Matches(Document).Select(file => file.Groups["name"].Value);

        Assert.Empty(named.Except(files, StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_database_does_not_log_the_values_of_a_row_that_it_refuses() =>
        Assert.Equal("terse", await Sql.ScalarAsync<string>(await stack.NewDatabaseAsync(), "show log_error_verbosity"));

    private static string Section(string title) =>
        Document.Split("\n## ").Single(section => section.StartsWith(title, StringComparison.Ordinal));

    [GeneratedRegex(@"^\| `(?<column>[a-z0-9_.]+)` \|", RegexOptions.Multiline, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[A-Za-z.]+[.](?:cs|sh))`", RegexOptions.None, 1000)]
    private static partial Regex FileName();
}
