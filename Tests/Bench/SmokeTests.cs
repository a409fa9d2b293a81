using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Bench;

/// <summary>
/// Each part of the benchmark, tiny and without peers: that it runs and finds what it is for, not how fast that is.
/// </summary>
public sealed class SmokeTests(TestStack stack)
{
    [Fact]
    public async Task Accept_finds_a_rate_for_each_size_and_keeps_a_duplicate_once()
    {
        var found = await MeasureAsync("accept");

        Assert.All(
            ["64 connections, 1 KiB", "256 connections, 1 KiB", "64 connections, 8 KiB", "256 connections, 8 KiB"],
            size => Assert.True(found[$"{size}: ours"] > 0));
        Assert.True(found["64 connections, 1 KiB: duplicates"] > 0);
        Assert.True(found["256 connections, 1 KiB: ours with OTLP ÷ ours"] > 0);
        Assert.Equal(1000, found["events that 1,000 delivery ids became"]);
    }

    [Fact]
    public async Task Drain_finds_a_rate_for_each_listener()
    {
        var found = await MeasureAsync("drain");

        Assert.All(["no listener", "no-op listener", "no-op listener with OTLP", "listener with a row of its own"],
            name => Assert.True(found[$"drain: {name}"] > 0));
    }

    [Fact]
    public async Task Latency_finds_what_the_listener_heard()
    {
        var found = await MeasureAsync("latency");

        Assert.True(found["accepted and settled at once, closed loop of 64"] >= 1);
        Assert.True(found["202 to listener at 500/s, p50"] >= 0);
        Assert.True(found["202 to listener at 500/s, p99"] >= found["202 to listener at 500/s, p50"]);
    }

    [Fact]
    public async Task Sustained_accepts_what_is_offered()
    {
        var found = await MeasureAsync("sustained");

        Assert.InRange(found["accepted"], 1, 101);
        Assert.True(double.IsFinite(found["backlog grows by"]));
    }

    [Fact]
    public async Task Deliver_delivers_all_and_compares_it_with_a_bare_loop()
    {
        var found = await MeasureAsync("deliver");

        Assert.True(found["deliver: signed deliveries"] > 0);
        Assert.True(found["deliver: signed deliveries ÷ a bare HttpClient loop"] > 0);
    }

    [Fact]
    public async Task Chain_brings_results_to_the_merchant()
    {
        var found = await MeasureAsync("chain");

        Assert.True(found["whole chain"] > 0);
        Assert.True(double.IsFinite(found["backlog of 500 shrinks, 20/s going on, by"]));
    }

    [Fact]
    public async Task Overload_answers_or_refuses_and_commits_nothing_that_it_does_not_answer()
    {
        var found = await MeasureAsync("overload");

        Assert.True(found["goodput ÷ capacity"] > 0);
        Assert.True(found["p99 of what is accepted"] > 0);
        Assert.InRange(found["committed but not answered 2xx"], 0, 100);
        Assert.True(found["back to normal after"] >= 0);
    }

    [Fact]
    public async Task Growth_compares_full_databases_with_an_empty_one()
    {
        var found = await MeasureAsync("growth");

        Assert.Equal(6, found.Count);
        Assert.All(found.Values, ratio => Assert.True(ratio > 0));
    }

    [Fact]
    public async Task Redact_finds_a_rate_for_each_text()
    {
        var found = await MeasureAsync("redact");

        Assert.All(["a log line", "clean JSON, 1 KiB", "clean JSON, 64 KiB of many fields"],
            text => Assert.True(found[text] > 0));
    }

    [Fact]
    public async Task Start_finds_time_and_memory_of_each_service()
    {
        var found = await MeasureAsync("start");

        Assert.All(["Receiver", "Worker", "Sender"], service =>
        {
            Assert.True(found[$"{service} is ready after"] > 0);
            Assert.True(found[$"memory of {service}"] > 0);
        });
    }

    [Fact]
    public async Task Fairness_compares_what_waits_beside_dead_endpoints_with_what_waits_alone()
    {
        var found = await MeasureAsync("fairness");

        Assert.True(found["beside dead ones ÷ alone, p50"] >= 0);
        Assert.True(found["beside dead ones ÷ alone, p99"] >= 0);
    }

    [Fact]
    public async Task Pages_finds_a_time_for_each_page()
    {
        var found = await MeasureAsync("pages");

        Assert.All(["/", "/events", "/events/{id}", "/tasks/{id}", "/deliveries"], page => Assert.True(found[page] > 0));
    }

    [Fact]
    public async Task Endure_compares_sizes_of_hours_and_intake_with_and_without_retention()
    {
        var found = await MeasureAsync("endure");

        Assert.Equal(1.0, found["tables, hours 17 to 24 ÷ hours 9 to 16"], tolerance: 0.2);
        Assert.True(found["accept at 100/s, p99: with retention ÷ without"] > 0);
        Assert.True(found["accept at 100/s, p99: while a backlog is deleted ÷ without"] > 0);
    }

    // Its findings by name. One process each: the benchmark reads its environment and starts services by its own folder.
    private async Task<Dictionary<string, double>> MeasureAsync(string part)
    {
        var folder = Directory.CreateTempSubdirectory("webhooks-bench-test-");
        try
        {
            var results = Path.Combine(folder.FullName, "results.json");
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            var program = Path.Combine(Repository.Folder, "Bench", "bin", own.Parent!.Name, own.Name, "Bench.dll");
            var run = await FinishedProcess.RunAsync(
                program,
                [
                    part, "--smoke", "--no-peers", "--results", results, "--postgres", await stack.NewDatabaseAsync(),
                    "--redis", await stack.RedisAsync(),
                ],
                limit: TimeSpan.FromMinutes(10));
            Assert.True(run.ExitCode == 0, $"{run.Output}\n{run.Errors}");
            Assert.True(File.Exists(Path.Combine(folder.FullName, "BENCHMARKS.md")));

            using var json = JsonDocument.Parse(await File.ReadAllTextAsync(results, TestContext.Current.CancellationToken));
            return Assert.Single(json.RootElement.EnumerateArray()).GetProperty("Findings").EnumerateArray()
                .ToDictionary(finding => finding.GetProperty("Name").GetString()!,
                    finding => finding.GetProperty("Value").GetDouble(), StringComparer.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
