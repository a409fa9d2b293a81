using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.ServiceDefaults;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>
/// Credentials of 32 shapes and in 33 structures, and all that the services were configured with, in every field of payloads and headers, in what tools and
/// models say and in errors: none in a log line, a span, a metric, a transcript, a table but for the raw body, or an answer.
/// </summary>
public sealed class CanaryTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_credential_reaches_any_sink()
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await stack.RedisAsync());
        var transcripts = Directory.CreateTempSubdirectory("transcripts-");
        await using var collector = await OtlpCollector.StartAsync();
        await using var world = await CanaryWorld.StartAsync(database);
        (string Key, string Value)[] settings =
        [
            .. Services.Settings(database, redis).Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
            .. world.Settings,
            ("Webhooks__Transcripts__Directory", transcripts.FullName),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Endpoint.AbsoluteUri), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_BLRP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
        ];
        var sinks = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var receiver = ServiceProcess.Receiver(database, redis, [.. settings, Alone("Receiver")]))
        await using (var worker = ServiceProcess.Worker(database, redis, [.. settings, Alone("Worker")]))
        await using (var sender = ServiceProcess.Sender(database, redis, [.. settings, Alone("Sender")]))
        {
            using var intake = new HttpClient { BaseAddress = await receiver.AddressAsync() };
            using var operators = new HttpClient { BaseAddress = await worker.AddressAsync() };
            using var deliveries = new HttpClient { BaseAddress = await sender.AddressAsync() };
            foreach (var service in (HttpClient[])[intake, operators, deliveries])
            {
                await Eventually.HoldsAsync("the service is ready", async () =>
                    (await service.GetAsync("/health/ready", Cancellation)).IsSuccessStatusCode);
            }

            await PlantAsync(intake);
            await WorkedOffAsync(database);

            await ReadAnswersAsync(sinks, intake.With(OperatorToken.Write), "/events?limit=200", "/rejections", "/messages", "/stats", "/replays");
            await ReadAnswersAsync(sinks, operators.With(OperatorToken.Read), "/tasks?limit=200", "/playbooks");
            await ReadEachAsync(sinks, intake, "/events", "/events/");
            await ReadEachAsync(sinks, operators, "/tasks", "/tasks/");
            await ReadDryRunsAsync(sinks, operators, database);
            await ReadAnswersAsync(sinks, operators.With(OperatorToken.Approve), "/approvals");
            await Eventually.HoldsAsync("spans of all services and metrics have left", () => Task.FromResult(
                collector.Received("traces").Contains("execute_tool", StringComparison.Ordinal) && collector.Received("traces").Contains("webhook.deliver", StringComparison.Ordinal)
                && collector.Received("metrics").Contains("webhook.events", StringComparison.Ordinal)));
            (sinks["Receiver's log"], sinks["Worker's log"], sinks["Sender's log"]) = (receiver.Output, worker.Output, sender.Output);
        }

        foreach (var signal in (string[])["traces", "logs", "metrics"])
        {
            sinks[signal] = collector.Received(signal);
        }

        sinks["transcript"] = string.Join('\n', transcripts.EnumerateFiles("*.jsonl").Select(file => File.ReadAllText(file.FullName)));
        transcripts.Delete(recursive: true);
        await ReadTablesAsync(sinks, database);
        sinks["what the merchant got"] = string.Join('\n', world.Delivered);
        sinks["what the model was told"] = string.Join('\n', world.Told);

        Assert.True(Found(sinks) is [], string.Join('\n', Found(sinks)));
        Assert.All(sinks, sink => Assert.False(string.IsNullOrEmpty(sink.Value), $"{sink.Key} is empty."));
        Assert.Contains("***redacted***", sinks["transcript"], StringComparison.Ordinal);
        Assert.Contains("***redacted***", sinks["webhooks.agent_steps"], StringComparison.Ordinal);
        Assert.Contains("***redacted***", sinks["what the model was told"], StringComparison.Ordinal);
    }

    private static (string Key, string Value) Alone(string service) => ("Partner__ApiKey", CanaryWorld.OfOne[service]);

    // Each sink with what is in it that must not be, and where.
    private static List<string> Found(Dictionary<string, string> sinks)
    {
        var found = new List<string>();
        foreach (var (sink, text) in sinks)
        {
            foreach (var (name, secret) in CanaryWorld.All)
            {
                var at = text.IndexOf(secret, StringComparison.Ordinal);
                if (at >= 0)
                {
                    found.Add($"{sink} has {name}: …{text[Math.Max(0, at - 80)..at]}");
                }
            }
        }

        return found;
    }

    private static async Task PlantAsync(HttpClient intake)
    {
        foreach (var type in (string[])["issues", "push", "release"])
        {
            Assert.True((await SendAsync(intake, SignedRequest.GitHub(CanaryWorld.Payload, type: type))).IsSuccessStatusCode);
        }

        // One in each header, one header after the other.
        foreach (var (name, secret) in CanaryWorld.Secrets)
        {
            var request = SignedRequest.GitHub("""{"action":"opened"}""", delivery: $"id {secret}", type: $"issues.{secret}");
            request.Headers.TryAddWithoutValidation("User-Agent", secret);
            request.Headers.TryAddWithoutValidation("X-GitHub-Hook-ID", secret);
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {secret}");
            request.Headers.TryAddWithoutValidation("Cookie", $"session={secret}");
            request.RequestUri = new Uri($"/webhooks/github?key={Uri.EscapeDataString(secret)}", UriKind.Relative);
            Assert.True((await SendAsync(intake, request)).IsSuccessStatusCode, name);

            // And where nothing is verified.
            using var stranger = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/{Uri.EscapeDataString(secret)}") { Content = new StringContent(secret) };
            stranger.Headers.TryAddWithoutValidation("X-Hub-Signature-256", secret);
            Assert.False((await SendAsync(intake, stranger)).IsSuccessStatusCode);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        var answer = await client.SendAsync(request, Cancellation);
        request.Dispose();
        return answer;
    }

    private static Task WorkedOffAsync(string database) => Eventually.HoldsAsync("all is worked off, but for what waits and what fails", async () =>
        await Sql.CountAsync(database, "webhooks.jobs where kind <> 'delivery' and state in ('pending', 'running') and attempt < 2") == 0
        && await Sql.CountAsync(database, "webhooks.delivery_attempts") > 0
        && await Sql.CountAsync(database, "webhooks.lanes") > 0
        && await Sql.CountAsync(database, "webhooks.jobs where state = 'waiting'") > 0
        && await Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and last_error is not null") > 0);

    private static async Task ReadAnswersAsync(Dictionary<string, string> sinks, HttpClient client, params string[] paths)
    {
        foreach (var path in paths)
        {
            sinks[$"GET {path}"] = await client.GetStringAsync(path, Cancellation);
        }
    }

    private static async Task ReadEachAsync(Dictionary<string, string> sinks, HttpClient client, string list, string each)
    {
        var ids = (await client.OkAsync($"{list}?limit=200")).Values("id");
        await ReadAnswersAsync(sinks, client, [.. ids.Select(id => $"{each}{id}")]);
    }

    private static async Task ReadDryRunsAsync(Dictionary<string, string> sinks, HttpClient client, string database)
    {
        var id = await Sql.ScalarAsync<Guid>(database, "select id from webhooks.inbound_events where event_type = 'issues' limit 1");
        var (_, answer) = await client.CallAsync("/playbooks/dry-run", new { event_id = id });
        sinks["dry run"] = answer.GetRawText();
    }

    private static async Task ReadTablesAsync(Dictionary<string, string> sinks, string database)
    {
        var tables = await Sql.ScalarAsync<string>(database, "select string_agg(tablename, ' ') from pg_tables where schemaname = 'webhooks'");
        string[] empty = ["replays", "completed_listeners", "messages_inbox", "audit", "series"];
        foreach (var table in tables!.Split(' ').Except(empty, StringComparer.Ordinal))
        {
            // The raw body is the ledger's proof.
            sinks[$"webhooks.{table}"] = await Sql.ScalarAsync<string>(database, $"select string_agg((to_jsonb(t) - 'body')::text, E'\\n') from webhooks.{table} t") ?? "";
        }

        sinks["payloads of messages"] = await Sql.ScalarAsync<string>(database, "select string_agg(convert_from(payload, 'utf8'), E'\\n') from webhooks.messages") ?? "";
    }
}
