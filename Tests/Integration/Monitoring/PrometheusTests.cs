using System.Diagnostics;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.ServiceDefaults;
using YamlDotNet.RepresentationModel;

namespace Aspire.Webhooks.Tests.Integration.Monitoring;

/// <summary>The metrics, the alerts of deploy/prometheus and the dashboard of deploy/grafana fit together.</summary>
public sealed class PrometheusTests(MonitoredServices services) : IClassFixture<MonitoredServices>
{
    private const string Missing = "prometheus and promtool are missing (./test.sh installs them where it can)";

    private static readonly string Rules = Path.Combine(Repository.Folder, "deploy", "prometheus");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_scrape_counts_an_accepted_a_repeated_and_a_refused_request()
    {
        foreach (var (result, status) in ((string, string)[])
            [("created", "202"), ("duplicate", "200"), ("invalid_signature", "401")])
        {
            Assert.Equal(
                1, services.Receiver.Value("webhook_requests_total", ("source", services.Source), ("result", result)));
            Assert.Equal(
                1, services.Receiver.Value("http_requests_total", ("path", $"/webhooks/{services.Source}"), ("status", status)));
        }

        Assert.Equal(0, services.Receiver.Value("webhook_requests_total", ("source", services.Source), ("result", "busy")));
    }

    [Fact]
    public async Task Every_alert_is_valid_and_tested_to_fire_and_not_to_fire()
    {
        Assert.SkipUnless(IsInstalled, Missing);
        var alerts = Alerts().Select(alert => alert.Name).ToList();
        var tests = Yaml("alerts.test.yml")["tests"].AllNodes.OfType<YamlMappingNode>()
            .Where(node => node.Children.ContainsKey("alertname"))
            .ToLookup(
                test => (string)test["alertname"]!,
                test => ((YamlSequenceNode)test["exp_alerts"]).Children.Count > 0, StringComparer.Ordinal);

        Assert.Equal(alerts.Order(StringComparer.Ordinal), tests.Select(test => test.Key).Order(StringComparer.Ordinal));
        Assert.All(tests, test => Assert.Equal([false, true], test.Distinct().Order()));
        await PromtoolAsync(["check", "rules", "alerts.yml"]);
        await PromtoolAsync(["test", "rules", "alerts.test.yml"]);
    }

    [Fact]
    public async Task The_promtool_tests_notice_a_changed_alert()
    {
        Assert.SkipUnless(IsInstalled, Missing);
        var folder = Directory.CreateTempSubdirectory("alerts-");
        File.Copy(Path.Combine(Rules, "alerts.test.yml"), Path.Combine(folder.FullName, "alerts.test.yml"));
        var alerts = await File.ReadAllTextAsync(Path.Combine(Rules, "alerts.yml"), Cancellation);
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "alerts.yml"), alerts.Replace("> 0.10", "> 0.30", StringComparison.Ordinal),
            Cancellation);

        var result = await RunAsync(["test", "rules", "alerts.test.yml"], folder.FullName);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("WebhookDeliveriesFail", result.Output + result.Errors, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Alerts_and_dashboard_use_only_metrics_and_labels_that_the_services_expose() =>
        Assert.All(Alerts().Select(alert => alert.Expression).Concat(Dashboard.Expressions), expression =>
        {
            var used = PromQL.Read(expression);
            Assert.NotEmpty(used.Selectors);
            Assert.All(used.Selectors, selector =>
            {
                Assert.True(services.Exposed.ContainsKey(selector.Metric), $"{selector.Metric} is not exposed.");
                Assert.Subset(services.Exposed[selector.Metric], selector.Labels.ToHashSet(StringComparer.Ordinal));
            });

            // Prometheus adds the labels of the target.
            Assert.Subset(
                used.Selectors.SelectMany(selector => services.Exposed[selector.Metric]).Concat(["instance", "service"])
                    .ToHashSet(StringComparer.Ordinal),
                used.Grouped.ToHashSet(StringComparer.Ordinal));
        });

    [Fact]
    public void No_label_of_a_metric_of_ours_is_an_id() => Assert.DoesNotContain(
        services.Receiver.Samples.Where(sample => sample.Name != "target_info").SelectMany(sample => sample.Labels.Values),
        value => value != services.Source && value != $"/webhooks/{services.Source}" && Guid.TryParse(value, out _));

    [Fact]
    public async Task The_expressions_of_the_dashboard_are_PromQL()
    {
        Assert.SkipUnless(IsInstalled, Missing);
        var folder = Directory.CreateTempSubdirectory("dashboard-");
        var rules = Dashboard.Expressions.Select((expression, index) => new
        {
            record = $"panel:{index}",
            expr = expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                .Replace("$__range", "1h", StringComparison.Ordinal),
        });

        // JSON is YAML.
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "rules.yml"),
            JsonSerializer.Serialize(new { groups = new[] { new { name = "dashboard", rules } } }), Cancellation);
        var result = await RunAsync(["check", "rules", "rules.yml"], folder.FullName);

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_queries_of_the_dashboard_run_on_the_database()
    {
        Assert.NotEmpty(Dashboard.Queries);
        foreach (var query in Dashboard.Queries)
        {
            await Sql.ExecuteAsync(
                services.Database,
                query.Replace("$__timeFilter(recent.created_at)", "recent.created_at > now()", StringComparison.Ordinal)
                    .Replace("$__timeFilter(at)", "at > now()", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Each_panel_of_the_dashboard_has_an_id_a_place_and_a_data_source_of_its_variables()
    {
        Assert.Distinct(Dashboard.Panels.Select(panel => panel.GetProperty("id").GetInt32()));
        var cells = Dashboard.Panels.SelectMany(panel =>
        {
            var place = panel.GetProperty("gridPos");
            var (x, y) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32());
            return
                from column in Enumerable.Range(x, place.GetProperty("w").GetInt32())
                from row in Enumerable.Range(y, place.GetProperty("h").GetInt32())
                select (column, row);
        }).ToList();
        Assert.Distinct(cells);
        Assert.All(cells, cell => Assert.InRange(cell.column, 0, 23));
        Assert.All(
            Dashboard.Sources,
            source => Assert.Contains(source.TrimStart('$').Trim('{', '}'), Dashboard.Variables, StringComparer.Ordinal));
    }

    // The configuration in deploy/prometheus, with the addresses of this test in place of Docker's, and a shorter interval.
    [Fact]
    public async Task Prometheus_scrapes_the_services_and_evaluates_the_alerts()
    {
        Assert.SkipUnless(IsInstalled, Missing);
        var folder = Directory.CreateTempSubdirectory("prometheus-");
        File.Copy(Path.Combine(Rules, "alerts.yml"), Path.Combine(folder.FullName, "alerts.yml"));
        var configuration = Yaml("prometheus.yml");
        var global = (YamlMappingNode)configuration["global"];
        (global.Children["scrape_interval"], global.Children["evaluation_interval"]) = ("1s", "1s");
        var job = (YamlMappingNode)configuration["scrape_configs"][0];
        Assert.True(job.Children.Remove("dns_sd_configs"));
        job.Add("static_configs", new YamlSequenceNode(((string[])["receiver", "worker", "sender"]).Zip(
            services.Targets, (name, target) => new YamlMappingNode(
                "targets", new YamlSequenceNode(target), "labels", new YamlMappingNode("__meta_dns_name", name)))));
        await using (var file = File.CreateText(Path.Combine(folder.FullName, "prometheus.yml")))
        {
            new YamlStream(new YamlDocument(configuration)).Save(file, assignAnchors: false);
        }

        var port = RedisServer.FreePort();
        using var server = Process.Start(new ProcessStartInfo(
            "prometheus",
            [
                "--config.file=prometheus.yml", "--storage.tsdb.path=data", $"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ])
        {
            WorkingDirectory = folder.FullName,
        })!;
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Eventually.HoldsAsync("all three are scraped", async () => await QueryAsync(client, "sum(up)") == "3");
            await services.ForgeAsync(30);
            await Eventually.HoldsAsync("the refused signatures fire", async () => await QueryAsync(
                client, "count(ALERTS{alertname='WebhookSignaturesRefused',alertstate='firing',"
                    + $"source='{services.Source}'}})") == "1");
            await Eventually.HoldsAsync("the duplicate is counted", async () => await QueryAsync(
                client, "sum(webhook_requests_total{service='receiver',"
                    + $"source='{services.Source}',result='duplicate'}})") == "1");
            using var rules = JsonDocument.Parse(await client.GetStringAsync("/api/v1/rules", Cancellation));
            Assert.All(
                rules.RootElement.GetProperty("data").GetProperty("groups")[0].GetProperty("rules").EnumerateArray(),
                rule => Assert.NotEqual("err", rule.GetProperty("health").GetString(), StringComparer.Ordinal));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private static bool IsInstalled { get; } = ((string[])["prometheus", "promtool"]).All(program =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program))));

    private static IEnumerable<(string Name, string Expression)> Alerts() =>
        ((YamlSequenceNode)((YamlSequenceNode)Yaml("alerts.yml")["groups"])[0]["rules"])
            .Select(rule => ((string)rule["alert"]!, (string)rule["expr"]!));

    private static YamlMappingNode Yaml(string file)
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Rules, file));
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static async Task PromtoolAsync(string[] arguments)
    {
        var result = await RunAsync(arguments, Rules);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
    }

    private static Task<FinishedProcess> RunAsync(string[] arguments, string folder) => FinishedProcess.RunAsync(
        arguments[0], arguments[1..], start => (start.FileName, start.WorkingDirectory) = ("promtool", folder));

    // The value of a query with one result; null while there is none.
    private static async Task<string?> QueryAsync(HttpClient client, string query)
    {
        try
        {
            using var answer = JsonDocument.Parse(
                await client.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}", Cancellation));
            var results = answer.RootElement.GetProperty("data").GetProperty("result");
            return results.GetArrayLength() == 1 ? results[0].GetProperty("value")[1].GetString() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
