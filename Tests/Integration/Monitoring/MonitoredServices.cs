using System.Net;
using Aspire.Hosting.Testing;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.ServiceDefaults;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Tests.Integration.Monitoring;

/// <summary>
/// The three services, scraped after an event came in, was worked on by an agent and its result was delivered. A source of this
/// class's tells its figures from those of other tests: the meter is the process's.
/// </summary>
public sealed class MonitoredServices(TestStack stack) : IAsyncLifetime
{
    private readonly int[] _ports = [RedisServer.FreePort(), RedisServer.FreePort(), RedisServer.FreePort()];

    private ServiceHost<SourceCatalog>? _receiver;
    private ServiceHost<PlaybookCatalog>? _worker;
    private ServiceHost<DeliveryClient>? _sender;

    public string Database { get; private set; } = "";

    public string Source { get; } = $"scraped-{Guid.CreateVersion7():N}"[..30];

    /// <summary>Where Receiver, Worker and Sender answer the scraper.</summary>
    public IEnumerable<string> Targets => _ports.Select(port => $"127.0.0.1:{port}");

    public Scrape Receiver { get; private set; } = null!;

    /// <summary>What the services expose: the labels of each metric, by the names of its series.</summary>
    public Dictionary<string, HashSet<string>> Exposed { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        Database = await stack.NewDatabaseAsync();
        await using var merchant = await MerchantServer.StartAsync();
        var outbox = new Outbox(Database, "acme");
        await outbox.AddEndpointAsync(merchant.Url, types: "issue.triaged");

        var redis = await stack.RedisAsync();
        _receiver = await Services.ReceiverAsync(
            Database, redis, Metrics(0), ($"Webhooks:Sources:{Source}:Scheme", "github"),
            ($"Webhooks:Sources:{Source}:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"));
        _worker = await Services.WorkerAsync(
            Database, redis, Metrics(1), ("Webhooks:Playbooks:triage:Source", Source),
            ("Webhooks:Playbooks:triage:EventTypes:0", "*"), ("Webhooks:Playbooks:triage:Instructions", "Say what burns."),
            ("Webhooks:Playbooks:triage:Agent", "rules"), ("Webhooks:Playbooks:triage:Merchant", "acme"),
            ("Webhooks:Playbooks:triage:ResultType", "issue.triaged"));
        _sender = await Services.SenderAsync(Database, redis, Metrics(2));

        await PostAsync(HttpStatusCode.Accepted, Request("event"));
        await PostAsync(HttpStatusCode.OK, Request("event"));
        await ForgeAsync(1);
        await merchant.NextAsync();

        // Of several hosts in one process, ASP.NET Core's metrics are exported by none: a Receiver of its own shows them.
        using var process = (await stack.ApplicationAsync()).CreateHttpClient("receiver", "http");
        var platform = await Scrape.OfAsync(process);
        await Eventually.HoldsAsync("the delivery is measured", async () =>
        {
            var scrapes = await Task.WhenAll(Targets.Select(ScrapeAsync));
            Receiver = scrapes[0];
            Exposed = scrapes.Append(platform).SelectMany(scrape => scrape.Samples)
                .GroupBy(sample => sample.Name, StringComparer.Ordinal)
                .ToDictionary(
                    samples => samples.Key,
                    samples => samples.SelectMany(sample => sample.Labels.Keys).ToHashSet(StringComparer.Ordinal),
                    StringComparer.Ordinal);
            return Exposed.ContainsKey("webhook_delivery_latency_seconds_count")
                && Receiver.Value("http_requests_total", ("path", $"/webhooks/{Source}"), ("status", "401")) == 1
                && Exposed.ContainsKey("webhook_circuits_open") && Exposed.ContainsKey("webhook_sources_paused")
                && Exposed.ContainsKey("webhook_approvals_pending");
        });
    }

    /// <summary>Sends requests with a wrong signature.</summary>
    public async Task ForgeAsync(int count)
    {
        for (var number = 0; number < count; number++)
        {
            await PostAsync(HttpStatusCode.Unauthorized, Request($"forged-{number}", secret: "another"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in (IAsyncDisposable?[])[_sender, _worker, _receiver])
        {
            await (host?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private (string Key, string Value) Metrics(int service) => ("Webhooks:Metrics:Port", $"{_ports[service]}");

    private static async Task<Scrape> ScrapeAsync(string target)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{target}") };
        return await Scrape.OfAsync(client);
    }

    private HttpRequestMessage Request(string id, string secret = Services.GitHubSecret) =>
        SignedRequest.GitHub(Integration.Receiver.Delivery.Body, id, secret: secret, path: $"/webhooks/{Source}");

    private async Task PostAsync(HttpStatusCode status, HttpRequestMessage request)
    {
        using var client = _receiver!.NewClient();
        Assert.Equal(status, (await client.PostAsync(request)).Status);
    }
}
