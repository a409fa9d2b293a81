using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aspire.Webhooks.Bench;

/// <summary>A number that was measured.</summary>
/// <param name="Detail">What it was made of.</param>
/// <param name="AtLeast">Its target, if it has one.</param>
/// <param name="AtMost">The same, of what is to be small.</param>
internal sealed record Finding(
    string Name, double Value, string Unit, string Detail = "", double? AtLeast = null, double? AtMost = null)
{
    [JsonIgnore]
    public string Target => AtLeast is { } least ? $"≥ {Number(least)}" : AtMost is { } most ? $"≤ {Number(most)}" : "";

    [JsonIgnore]
    public string Verdict =>
        Target.Length == 0 ? "" : Value >= (AtLeast ?? Value) && Value <= (AtMost ?? Value) ? "met" : "missed";

    /// <summary>The number with as many digits as can be told apart.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}

/// <summary>What one run of a part found.</summary>
/// <param name="Environment">Machine, versions and settings.</param>
internal sealed record PartReport(
    string Part, string Measures, DateTimeOffset At, string Commit, string Size, SortedDictionary<string, string> Environment,
    List<Finding> Findings);

/// <summary>Keeps the last run of each part as JSON, and renders all of them as Markdown beside it.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true, NewLine = "\n", NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string DefaultFile { get; } = Path.Combine(Repository.Folder, "docs", "benchmarks.json");

    /// <summary>Machine, versions and settings of a run.</summary>
    public static async Task<SortedDictionary<string, string>> EnvironmentAsync(Stores stores) => new(StringComparer.Ordinal)
    {
        ["machine"] = $"{Processor()}, {Environment.ProcessorCount} processors, "
            + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB",
        ["system"] = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
        ["postgres"] = $"{await stores.ShowAsync("server_version")}, fsync {await stores.ShowAsync("fsync")}, "
            + $"synchronous_commit {await stores.ShowAsync("synchronous_commit")}, "
            + $"shared_buffers {await stores.ShowAsync("shared_buffers")}, "
            + $"max_connections {await stores.ShowAsync("max_connections")}",
        ["redis"] = Repository.Output("sh", "-c", "redis-server --version | sed 's/.*v=\\([^ ]*\\).*/\\1/'"),
        ["peers"] = Peers.Versions,
    };

    public static async Task SaveAsync(string file, PartReport run, IReadOnlyList<string> order)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var runs = File.Exists(file)
            ? JsonSerializer.Deserialize<List<PartReport>>(await File.ReadAllTextAsync(file), Json)!
            : [];
        runs.RemoveAll(other => other.Part == run.Part);
        runs.Add(run);
        runs = [.. runs.OrderBy(each => order.IndexOf(each.Part))];
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(runs, Json) + "\n");
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "BENCHMARKS.md"), Render(runs));
    }

    private static int IndexOf(this IReadOnlyList<string> order, string part) =>
        order.Index().First(each => each.Item == part).Index;

    private static string Render(List<PartReport> runs)
    {
        var text = new StringBuilder("""
            # Benchmarks

            Written by `./bench.sh`, from [benchmarks.json](benchmarks.json); not by hand. Ratios (×) are medians of what each
            round of one run gave, ours and the peer's measured in turn on one machine. Other numbers depend on the machine.


            """);
        var environments = runs.Select(Describe).Distinct(StringComparer.Ordinal).ToList();
        foreach (var (at, environment) in environments.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"**Machine {at + 1}.** {environment}\n\n");
        }

        foreach (var run in runs)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                ## {run.Part}

                {run.Measures}
                Commit {run.Commit}, {run.At:yyyy-MM-dd}, machine {environments.IndexOf(Describe(run)) + 1}; {run.Size}.

                | what | measured | target | | made of |
                |---|---|---|---|---|

                """);
            foreach (var row in run.Findings)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"| {row.Name} | {Finding.Number(row.Value)} {row.Unit} | {row.Target} | {row.Verdict} | {row.Detail} |\n");
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string Describe(PartReport run) =>
        string.Join(" · ", run.Environment.Where(each => each.Value.Length > 0).Select(each => $"{each.Key}: {each.Value}"));

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':', 2)[1].Trim() ?? "processor"
        : "processor";
}
