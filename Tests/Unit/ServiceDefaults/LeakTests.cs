using System.Diagnostics;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.ServiceDefaults.Logging;
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

        foreach (var kept in (string[])["webhook.leak", "leaky.event", "kept in the span", "exception.stacktrace", Redactor.Replacement])
        {
            Assert.Contains(kept, collector.Received("traces"), StringComparison.Ordinal);
        }

        foreach (var kept in (string[])["kept in the log", "System.InvalidOperationException", "exception.stacktrace", Redactor.Replacement])
        {
            Assert.Contains(kept, collector.Received("logs"), StringComparison.Ordinal);
        }

        Assert.Contains("http.server.request.duration", collector.Received("metrics"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(JsonLineFormatter.FormatterName)]
    [InlineData(TextLineFormatter.FormatterName)]
    public void No_secret_reaches_the_console(string formatter)
    {
        using var console = new RecordedConsole(formatter, TimeProvider.System, Settings);

        Leak(console.Logger);

        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, console.Text, StringComparison.Ordinal));
        Assert.Contains("kept in the log", console.Text, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException", console.Text, StringComparison.Ordinal);
        Assert.Contains(Redactor.Replacement, console.Text, StringComparison.Ordinal);
    }

    private static void Leak(ILogger logger)
    {
        var all = string.Join(" and ", Secrets);
        var error = new InvalidOperationException($"outer {all}", new FormatException($"inner {all}"));

        using var activity = Own.StartActivity("webhook.leak");
        activity?.SetTag("note", $"kept in the span, {all}");
        activity?.SetTag("notes", new[] { "one", all });
        activity?.SetTag("authorization", "Bearer x");
        activity?.AddEvent(new ActivityEvent($"leaky.event {all}", tags: new ActivityTagsCollection { ["note"] = all }));
        activity?.AddException(error);
        activity?.SetStatus(ActivityStatusCode.Error, all);

        using (logger.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal) { ["Scope"] = all }))
        {
            Leaked(logger, error, all, new Uri($"https://host/?token={GitHubToken}"), WebhookSecret, new Secret(WebhookSecret));
        }
    }

    [LoggerMessage(9001, LogLevel.Error, "kept in the log: {Text} {Address} {Key} {Wrapped}")]
    static partial void Leaked(ILogger logger, Exception error, string text, Uri address, string key, Secret wrapped);
}
