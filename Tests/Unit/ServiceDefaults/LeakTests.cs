using System.Diagnostics;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

[Collection(nameof(ProcessWideTelemetry))]
public sealed partial class LeakTests
{
    private const string WebhookSecret = "webhook/secret+value";
    private const string DatabasePassword = "database-pass-0123";
    private const string RedisPassword = "redis-pass-4567";
    private const string GitHubToken = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly ActivitySource Own = new("Aspire.Webhooks");

    private static readonly string[] Secrets =
    [
        WebhookSecret, DatabasePassword, RedisPassword, GitHubToken,
        Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(WebhookSecret)), Uri.EscapeDataString(WebhookSecret),
    ];

    private static readonly (string, string)[] Settings =
    [
        ("WEBHOOK_SECRET_GITHUB", WebhookSecret),
        ("ConnectionStrings:webhooks", $"Host=127.0.0.1;Port=1;Username=u;Password={DatabasePassword};Database=d"),
        ("ConnectionStrings:redis", $"127.0.0.1:1,password={RedisPassword}"),
    ];

    [Fact]
    public async Task No_secret_leaves_by_otlp()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var service = await ServiceHost.StartAsync(
            configure: null,
            app => app.MapGet("/leak/{rest}", (ILoggerFactory loggers) => Leak(loggers.CreateLogger("leaky"))),
            [.. Settings, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Endpoint.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]))
        {
            using var response = await service.Client.GetAsync(
                $"/leak/{Uri.EscapeDataString(WebhookSecret)}?token={GitHubToken}", TestContext.Current.CancellationToken);
            await service.App.StopAsync(TestContext.Current.CancellationToken);
        }

        foreach (var signal in (string[])["traces", "logs", "metrics"])
        {
            Assert.All(Secrets, secret => Assert.DoesNotContain(secret, collector.Received(signal), StringComparison.Ordinal));
        }

        foreach (var kept in (string[])["webhook.leak", "leaky.event", "kept in the span", "the link", "exception.stacktrace", Redactor.Replacement])
        {
            Assert.Contains(kept, collector.Received("traces"), StringComparison.Ordinal);
        }

        foreach (var kept in (string[])["kept in the log", "System.InvalidOperationException", "exception.stacktrace", Redactor.Replacement])
        {
            Assert.Contains(kept, collector.Received("logs"), StringComparison.Ordinal);
        }

        Assert.Contains("http.server.request.duration", collector.Received("metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_metric_is_tagged_with_what_a_stranger_chose()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var service = await ServiceHost.StartAsync(
            configure: null,
            app =>
            {
                app.MapGet("/things/{id}", () => "");
                app.MapGet("/broken", string () => throw new InvalidOperationException("canary-message"));
            },
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Endpoint.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRICS_EXEMPLAR_FILTER", "always_on"), ("ForwardedHeaders_Enabled", "true")))
        {
            await CallAsync(service.Client, HttpMethod.Get, "/things/canary-id?query=canary-query");
            await CallAsync(service.Client, HttpMethod.Get, "/canary-path");
            await CallAsync(service.Client, new HttpMethod("CANARY-METHOD"), "/things/1");
            await CallAsync(service.Client, HttpMethod.Get, "/broken");
            // The name is looked up and not found; the address is found and does not listen.
            await CallAsync(service.Client, HttpMethod.Get, "http://canary-host.invalid/");
            await CallAsync(service.Client, HttpMethod.Get, "http://127.0.0.1:1/");
            await service.App.StopAsync(TestContext.Current.CancellationToken);
        }

        var metrics = collector.Received("metrics");
        Assert.DoesNotContain("canary", metrics, StringComparison.OrdinalIgnoreCase);
        Assert.All(
            (string[])["http.server.request.duration", "/things/{id}", "http.client.request.duration", "dns.lookup.duration", "dotnet.gc.collections"],
            kept => Assert.Contains(kept, metrics, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_secret_leaves_as_an_attribute_of_the_process()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var service = await ServiceHost.StartAsync(
            configure: null,
            map: null,
            [
                .. Settings, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Endpoint.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_RESOURCE_ATTRIBUTES", $"deployment.region=eu-west,deployment.note={Uri.EscapeDataString(WebhookSecret)},deployment.token=abc"),
            ]))
        {
            using (Own.StartActivity("webhook.leak"))
            {
            }

            await service.App.StopAsync(TestContext.Current.CancellationToken);
        }

        foreach (var signal in (string[])["traces", "logs", "metrics"])
        {
            Assert.All(Secrets, secret => Assert.DoesNotContain(secret, collector.Received(signal), StringComparison.Ordinal));
            Assert.All(
                (string[])["eu-west", "deployment.note", "deployment.token", Redactor.Replacement],
                kept => Assert.Contains(kept, collector.Received(signal), StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public void No_secret_reaches_the_console(string environment)
    {
        using var console = new RecordedConsole(environment, TimeProvider.System, Settings);

        Leak(console.Logger);

        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, console.Text, StringComparison.Ordinal));
        Assert.Contains("kept in the log", console.Text, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException", console.Text, StringComparison.Ordinal);
        Assert.Contains(Redactor.Replacement, console.Text, StringComparison.Ordinal);
    }

    private static void Leak(ILogger logger)
    {
        var all = string.Join(" and ", Secrets);
        var error = new InvalidOperationException(
            $"outer {all}", new AggregateException($"several {all}", new FormatException($"inner {all}"), new SilentException(all)))
        {
            Data = { ["note"] = all },
        };

        using var activity = Own.StartActivity(
            ActivityKind.Internal, links: [new(default, new ActivityTagsCollection { ["kept.in"] = "the link", ["note"] = all })], name: "webhook.leak");
        activity?.SetBaggage("note", all);
        activity?.TraceStateString = $"note={GitHubToken}";
        activity?.SetTag("note", $"kept in the span, {all}");
        activity?.SetTag("notes", new[] { "one", all });
        activity?.SetTag("authorization", "Bearer x");
        activity?.AddEvent(new ActivityEvent($"leaky.event {all}", tags: new ActivityTagsCollection { ["note"] = all }));
        activity?.AddException(error);
        activity?.SetStatus(ActivityStatusCode.Error, all);

        using (logger.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal) { ["Scope"] = all }))
        {
            Leaked(logger, error, all, new Uri($"https://host/?token={GitHubToken}"), WebhookSecret, new Secret(WebhookSecret));
            Leaked(logger, new SilentException(all), "kept", new Uri("https://host/"), "kept", new Secret(WebhookSecret));
        }
    }

    private static async Task CallAsync(HttpClient client, HttpMethod method, string address)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(address, UriKind.RelativeOrAbsolute));
            request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "canary-scheme");
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            // No answer is a measurement too.
        }
    }

    // Prints itself without its message, which exporters send all the same.
    private sealed class SilentException(string message) : Exception(message)
    {
        public override string ToString() => nameof(SilentException);
    }

    [LoggerMessage(9001, LogLevel.Error, "kept in the log: {Text} {Address} {Key} {Wrapped}")]
    static partial void Leaked(ILogger logger, Exception error, string text, Uri address, string key, Secret wrapped);
}
