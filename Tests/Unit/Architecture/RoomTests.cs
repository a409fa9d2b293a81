using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using NetArchTest.Rules;

namespace Aspire.Webhooks.Tests.Unit.Architecture;

/// <summary>
/// Holds the rooms of docs/architecture.md: a project's folders in the order in which data meets them, each of which uses
/// only what stands left of it.
/// </summary>
public sealed partial class RoomTests
{
    private static readonly Dictionary<string, string[]> Rooms = new(StringComparer.Ordinal)
    {
        ["ServiceDefaults"] = ["Redaction", "Logging", "Telemetry", "Health", "Access"],
        ["Webhooks"] = ["Payloads", "Signing", "Storage", "Queue", "Egress", "Messages", "Listeners", "Api", "Series"],
        ["Receiver"] = ["Sources", "Intake", "Api"],
        ["Worker"] = ["Events", "Agents", "Retention", "Mcp", "Api"],
        ["Sender"] = ["Endpoints", "Messages", "Delivery", "Api"],
        ["Console"] = ["Access", "Clients", "Display", "Components", "Pages"],
        ["Cli"] = [],
        ["AppHost"] = ["Deployment"],
    };

    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../.."));

    public static TheoryData<string, string> AllRooms => new(
        from project in Rooms from room in project.Value select (project.Key, room));

    public static TheoryData<string> Projects => [.. Rooms.Keys];

    [Theory]
    [MemberData(nameof(AllRooms))]
    public void A_room_uses_only_what_stands_left_of_it(string project, string room)
    {
        var rooms = Rooms[project];
        string[] right = [.. rooms[(Array.IndexOf(rooms, room) + 1)..].Select(other => Namespace(project, other))];

        var types = Types.InAssembly(AssemblyOf(project)).That().ResideInNamespace(Namespace(project, room));
        Assert.NotEmpty(types.GetTypes());
        if (right.Length > 0)
        {
            var result = types.ShouldNot().HaveDependencyOnAny(right).GetResult();
            Assert.True(result.IsSuccessful, string.Join('\n', result.FailingTypes?.Select(type => type.FullName) ?? []));
        }
    }

    [Fact]
    public void The_check_sees_what_a_room_uses() => Assert.False(
        Types.InAssembly(AssemblyOf("Sender")).That().ResideInNamespace(Namespace("Sender", "Delivery"))
            .ShouldNot().HaveDependencyOnAny(Namespace("Sender", "Endpoints")).GetResult().IsSuccessful);

    [Theory]
    [InlineData("ServiceDefaults")]
    [InlineData("Webhooks", "ServiceDefaults")]
    [InlineData("Receiver", "ServiceDefaults", "Webhooks")]
    [InlineData("Worker", "ServiceDefaults", "Webhooks")]
    [InlineData("Sender", "ServiceDefaults", "Webhooks")]
    [InlineData("Console", "ServiceDefaults")]
    [InlineData("Cli", "ServiceDefaults", "Webhooks")]
    public void A_service_uses_the_shared_libraries_and_no_other_service(string project, params string[] allowed)
    {
        string[] ours = [.. Rooms.Keys.Select(name => AssemblyOf(name).GetName().Name!)];

        var used = AssemblyOf(project).GetReferencedAssemblies().Select(reference => reference.Name!)
            .Intersect(ours, StringComparer.Ordinal);

        Assert.Subset(
            allowed.Select(name => AssemblyOf(name).GetName().Name!).ToHashSet(StringComparer.Ordinal),
            used.ToHashSet(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_namespace_is_its_folder_and_every_folder_is_a_room(string project)
    {
        foreach (var file in SourceFiles(project))
        {
            var folders = Path.GetRelativePath(Path.Combine(Root, project), Path.GetDirectoryName(file)!).Split('/');
            Assert.Contains(folders[0], Rooms[project].Append("."), StringComparer.Ordinal);
            var declared = Declared().Match(File.ReadAllText(file)).Groups["name"].Value;
            if (declared.Length > 0 && declared != "Microsoft.Extensions.Hosting")
            {
                Assert.Equal(string.Join('.', [Namespace(project), .. folders.Where(folder => folder != ".")]), declared);
            }
        }
    }

    [Fact]
    public void Only_the_room_Endpoints_writes_the_table_of_endpoints()
    {
        var writers = Rooms.Keys.SelectMany(SourceFiles).Where(file => WritesEndpoints().IsMatch(File.ReadAllText(file)));

        Assert.All(
            writers.Select(file => Path.GetRelativePath(Root, file))
                .Where(file => !file.StartsWith("Webhooks/Storage/Migrations/", StringComparison.Ordinal))
                // It deletes old rows of all tables.
                .Where(file => file != "Worker/Retention/RetentionSql.cs"),
            file => Assert.StartsWith("Sender/Endpoints/", file, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_line_is_wider_than_130_characters(string project)
    {
        foreach (var file in SourceFiles(project))
        {
            // Raw strings hold what is sent, matched or shown as it stands there.
            var isRaw = false;
            foreach (var line in File.ReadLines(file))
            {
                var marks = line.Split("\"\"\"").Length - 1;
                Assert.True(isRaw || marks > 0 || line.Length <= 130, $"{file}: {line.Trim()}");
                isRaw ^= marks % 2 == 1;
            }
        }
    }

    [Fact]
    public void A_class_of_routes_is_named_so()
    {
        foreach (var file in Rooms.Keys.SelectMany(SourceFiles).Where(file => MapsRoute().IsMatch(File.ReadAllText(file))))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.True(
                name.EndsWith("Routes", StringComparison.Ordinal) || name.EndsWith("Route", StringComparison.Ordinal),
                $"{file} maps routes.");
        }
    }

    private static IEnumerable<string> SourceFiles(string project) =>
        Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)
                && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Namespace(string project, params string[] rooms) =>
        string.Join('.', [project == "Webhooks" ? "Aspire.Webhooks" : $"Aspire.Webhooks.{project}", .. rooms]);

    private static Assembly AssemblyOf(string project) => Assembly.Load(project == "Webhooks" ? "Aspire.Webhooks" : project);

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(
        @"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Declared();

    [GeneratedRegex(
        @"\b(insert\s+into|update|delete\s+from)\s+webhooks\.endpoints\b",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex WritesEndpoints();

    [GeneratedRegex(@"\.Map(Get|Post|Patch|Put|Delete)\(", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex MapsRoute();
}
