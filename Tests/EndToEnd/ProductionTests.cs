using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.ServiceDefaults;
using Npgsql;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>
/// The stack as it is deployed: published output in Production, two replicas of each service, the settings of deploy/systemd, and
/// nginx with deploy/nginx in front. eng/production.sh runs it in a network of its own, where a merchant has a public address.
/// </summary>
public sealed class ProductionTests : IAsyncLifetime
{
    private const string Public = "93.184.215.14";
    private const string GitHubSecret = "github-secret-of-production";
    private const string Merchant = "demo";
    private const string ResultType = "issue.triaged";
    private const int Senders = 3;

    // A machine that does other work at the same time is slow.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private static readonly (string Service, int Port)[] Replicas =
    [
        ("Receiver", 6101), ("Receiver", 6111), ("Worker", 6103), ("Worker", 6113), ("Sender", 6102), ("Sender", 6112),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("production-");
    private readonly TestAuthority _authority = new();
    private readonly RedisServer _redis = new();
    private readonly ServiceProcess?[] _services = new ServiceProcess?[Replicas.Length];
    private PostgresServer _postgres = null!;
    private Process? _proxy;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Published => Environment.GetEnvironmentVariable("PRODUCTION_OUTPUT")!;

    private string Database => new NpgsqlConnectionStringBuilder(_postgres.ConnectionString)
    {
        Username = "webhooks", Password = "CHANGE", Database = "webhooks",
    }.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        await Sql.ExecuteAsync(
            _postgres.ConnectionString,
            "create role webhooks login password 'CHANGE'; alter database webhooks owner to webhooks;");
        await _redis.StartAsync(Cancellation);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "protection.pem"), ProtectionPem(), Cancellation);
        _proxy = await StartProxyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is { HasExited: false })
        {
            _proxy.Signal(Signals.Terminate);
            await _proxy.WaitForExitAsync(CancellationToken.None);
        }

        foreach (var service in _services.OfType<ServiceProcess>())
        {
            await service.DisposeAsync();
        }

        _redis.Dispose();
        await _postgres.DisposeAsync();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact(Explicit = true)]
    public async Task What_arrives_is_delivered_and_a_rolling_restart_fails_no_request()
    {
        await using var merchant = await MerchantServer.StartAsync(
            certificate: _authority.Issue([Public]), address: IPAddress.Parse(Public));
        for (var replica = 0; replica < Replicas.Length; replica++)
        {
            await StartAsync(replica);
        }

        using var client = NewClient();
        await AddEndpointAsync(client, merchant.Url);
        Assert.Contains("ping", (await merchant.NextAsync()).Text, StringComparison.Ordinal);

        // One event, from the request to the merchant.
        var first = await PostAsync(client);
        Assert.Equal(HttpStatusCode.Accepted, first);
        var delivered = await merchant.NextAsync();
        Assert.Contains(ResultType, delivered.Text, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync("jobs where kind = 'task' and state = 'done'"));

        // What is not public is not found, whoever asks.
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(client, "/health/ready"));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(client, "/events"));

        var answers = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(
            Enumerable.Range(0, Senders).Select(_ => SendAsync(answers, stop.Token)).Append(ReadAsync(answers, stop.Token)));
        for (var replica = 0; replica < Replicas.Length; replica++)
        {
            Assert.Equal(0, await _services[replica]!.StopAsync());
            await _services[replica]!.DisposeAsync();
            await StartAsync(replica);
        }

        await stop.CancelAsync();
        await load;

        var counts = answers.CountBy(answer => answer).ToDictionary();
        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Join(", ", counts.Select(count => $"{count.Value} times {count.Key}")));
        Assert.Empty(counts.Keys.Except(["202", "200", "503 with Retry-After"], StringComparer.Ordinal));
        var accepted = counts["202"] + 1;
        Assert.Equal(accepted, await CountAsync("inbound_events"));
        await Eventually.HoldsAsync(
            "all messages are delivered",
            async () => await CountAsync("jobs where kind = 'delivery' and state = 'done'") == accepted);
        Assert.Equal(0, await CountAsync("jobs where state = 'buried'"));
        var messages = merchant.All.Where(request => request.Text.Contains(ResultType, StringComparison.Ordinal));
        Assert.Equal(accepted, messages.DistinctBy(request => request.Headers["webhook-id"], StringComparer.Ordinal).Count());
    }

    private Task<long> CountAsync(string table) => Sql.CountAsync(Database, $"webhooks.{table}");

    private async Task StartAsync(int replica)
    {
        var (service, port) = Replicas[replica];
        _services[replica] = ServiceProcess.Published(Published, service, Settings(service, port));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var until = TimeProvider.System.GetUtcNow() + StartLimit; !await IsReadyAsync(client);)
        {
            Assert.True(TimeProvider.System.GetUtcNow() < until, $"{service} is not ready: {_services[replica]!.Output}");
            await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            return await GetAsync(client, "/health/ready") == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private Dictionary<string, string> Settings(string service, int port)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in ReadLines("settings.env").Concat(ReadLines($"{service}.env")))
        {
            var (key, value) = line.Split('=', 2) is [var before, var after] ? (before, after.Trim('"')) : (line, "");
            settings[key] = value;
        }

        // What a person changes in these files.
        settings["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        settings["ConnectionStrings__webhooks"] = Database;
        settings["ConnectionStrings__redis"] = _redis.ConnectionString;
        settings["Webhooks__Metrics__Token"] = "token-of-the-scraper";
        foreach (var (key, value) in OperatorToken.Settings)
        {
            settings[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        switch (service)
        {
            case "Receiver":
                settings["WEBHOOK_SECRET_GITHUB"] = GitHubSecret;
                break;
            case "Worker":
                foreach (var (key, value) in ((string, string)[])[
                    ("Source", "github"), ("EventTypes__0", "push"), ("Instructions", "Summarise it."), ("Agent", "rules"),
                    ("Merchant", Merchant), ("ResultType", ResultType)])
                {
                    settings[$"Webhooks__Playbooks__github-summary__{key}"] = value;
                }

                break;
            default:
                settings["Webhooks__SecretProtection__Certificates__0"] = Path.Combine(_folder.FullName, "protection.pem");
                settings["SSL_CERT_FILE"] = _authority.PemFile;
                break;
        }

        return settings;
    }

    private async Task<Process> StartProxyAsync()
    {
        var folder = _folder.FullName;
        using var certificate = _authority.Issue(["127.0.0.1", "hooks.example.com"]);
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.crt"), certificate.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "tls.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Cancellation);
        var site = await File.ReadAllTextAsync(
            Path.Combine(Repository.Folder, "deploy", "nginx", "webhooks.conf"), Cancellation);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "webhooks.conf"), site.Replace("/etc/nginx/tls", folder, StringComparison.Ordinal),
            Cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off;
            user root;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log warn;
            events { }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                upstream receiver { {{Upstream("Receiver")}} keepalive 64; }
                upstream sender { {{Upstream("Sender")}} keepalive 16; }
                include webhooks.conf;
            }
            """, Cancellation);
        return Process.Start(new ProcessStartInfo("nginx", ["-p", folder, "-c", Path.Combine(folder, "nginx.conf")]))!;
    }

    private static string Upstream(string service) => string.Concat(
        Replicas.Where(replica => replica.Service == service)
            .Select(replica => $"server 127.0.0.1:{replica.Port} max_fails=0; "));

    private static async Task AddEndpointAsync(HttpClient client, Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/webhooks")
        {
            Content = JsonContent.Create(new { url }), Headers = { Authorization = new("Bearer", Token) },
        };
        using var response = await client.SendAsync(request, Cancellation);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static string Token { get; } = OperatorToken.Of(Merchant, "webhooks:write");

    private async Task SendAsync(ConcurrentBag<string> answers, CancellationToken stop)
    {
        using var client = NewClient();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!stop.IsCancellationRequested)
        {
            using var request = SignedRequest.GitHub(Push, secret: GitHubSecret);
            answers.Add(await AnswerAsync(client, request));
            await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    private async Task ReadAsync(ConcurrentBag<string> answers, CancellationToken stop)
    {
        using var client = NewClient();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!stop.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/webhooks")
            {
                Headers = { Authorization = new("Bearer", Token) },
            };
            answers.Add(await AnswerAsync(client, request));
            await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    private static async Task<string> AnswerAsync(HttpClient client, HttpRequestMessage request)
    {
        try
        {
            using var response = await client.SendAsync(request, Cancellation);
            var status = $"{(int)response.StatusCode}";
            return response.Headers.RetryAfter is null ? status : $"{status} with Retry-After";
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client)
    {
        using var request = SignedRequest.GitHub(Push, secret: GitHubSecret);
        using var response = await client.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Cancellation);
        return response.StatusCode;
    }

    private static string Push { get; } = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "examples", "push.json"));

    // As a provider: it trusts the authority of the proxy's certificate and nobody else.
    private HttpClient NewClient()
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(_authority.PemFile) },
                },
            },
        };
        return new(handler) { BaseAddress = new Uri("https://127.0.0.1:8443") };
    }

    private static IEnumerable<string> ReadLines(string file) =>
        File.ReadLines(Path.Combine(Repository.Folder, "deploy", "systemd", file))
            .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#'));

    private static string ProtectionPem()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=webhooks", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }
}
