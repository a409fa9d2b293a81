using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>One line for each request.</summary>
public sealed class RequestLogTests
{
    private const string Secret = "a-configured-secret-of-the-tests";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/things/5", "/things/{id}", 200)]
    [InlineData("GET", $"/things/{Secret}", "/things/{id}", 200)]
    [InlineData("PURGE", "/things/5", "unmatched", 405)]
    [InlineData("GET", "/nowhere/password=hunter22", "unmatched", 404)]
    [InlineData("GET", "/fails", "/fails", 500)]
    [InlineData("GET", "/known", "/of-the-route", 200)]
    [InlineData("GET", "/signed-in/7", "/signed-in/7", 200)]
    [InlineData("GET", $"/signed-in/{Secret}", "/signed-in/***redacted***", 200)]
    public async Task A_request_has_a_line_with_nothing_that_a_stranger_wrote(
        string method, string path, string logged, int status)
    {
        using var lines = new Lines();
        await using var host = await StartAsync(lines);
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?q={Secret}");
        using var answer = await host.Client.SendAsync(request, Cancellation);

        var line = await lines.NextAsync();

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(
            (method == "PURGE" ? "_OTHER" : method, logged, status), (line["method"], line["path"], (int)line["status"]!));
        Assert.Equal(32, ((string)line["request_id"]!).Length);
        Assert.InRange((double)line["latency_ms"]!, 0, 60_000);
        Assert.False(line.ContainsKey("dup"));
        Assert.Empty(lines.All);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_webhook_s_line_says_whether_it_is_a_duplicate(bool duplicate)
    {
        using var lines = new Lines();
        await using var host = await StartAsync(lines);
        using var answer = await host.Client.GetAsync($"/webhook/{duplicate}", Cancellation);

        Assert.Equal(duplicate, (await lines.NextAsync())["dup"]);
    }

    [Fact]
    public async Task Probes_and_requests_that_are_only_counted_have_no_line()
    {
        using var lines = new Lines();
        await using var host = await StartAsync(lines);
        foreach (var path in (string[])["/health/live", "/alive", "/counted", "/things/1"])
        {
            using var answer = await host.Client.GetAsync(path, Cancellation);
        }

        Assert.Equal("/things/{id}", (await lines.NextAsync())["path"]);
        Assert.Empty(lines.All);
    }

    [Fact]
    public void A_json_line_has_the_fields_of_a_request_beside_its_own()
    {
        using var console = new RecordedConsole(Environments.Production, TimeProvider.System);

        var request = new RequestLine("abc", "POST", "/webhooks/github", 200, 1.25, true);
        console.Logger.Log(LogLevel.Information, new(1301, "Request"), request, null, (line, _) => line.ToString());

        var json = JsonElement.Parse(console.Text);
        Assert.Equal(
            ["ts", "level", "category", "event_id", "event", "message", "request_id", "method", "path", "status", "latency_ms", "dup"],
            json.EnumerateObject().Select(property => property.Name), StringComparer.Ordinal);
        Assert.EndsWith(
            """
            "request_id":"abc","method":"POST","path":"/webhooks/github","status":200,"latency_ms":1.25,"dup":true}
            """ + "\n",
            console.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DEBUG", LogLevel.Debug)]
    [InlineData("info", LogLevel.Information)]
    [InlineData(" Warning ", LogLevel.Warning)]
    [InlineData("CRITICAL", LogLevel.Critical)]
    [InlineData(null, LogLevel.Information)]
    public void LOG_LEVEL_is_the_default_level_and_leaves_the_categories_of_the_platform_alone(string? value, LogLevel expected)
    {
        using var host = Build(("LOG_LEVEL", value), ("Logging:LogLevel:Default", "Information"));
        var loggers = host.Services.GetRequiredService<ILoggerFactory>();

        var logger = loggers.CreateLogger("Aspire.Webhooks.Any");
        Assert.True(logger.IsEnabled(expected));
        Assert.False(logger.IsEnabled(expected - 1));
        Assert.False(loggers.CreateLogger("Microsoft.AspNetCore.Hosting").IsEnabled(LogLevel.Information));
    }

    [Theory]
    [InlineData("LOUD")]
    [InlineData("7")]
    public void A_level_that_there_is_not_stops_the_start(string value)
    {
        using var host = Build(("LOG_LEVEL", value));

        var error = Assert.Throws<OptionsValidationException>(host.ValidateOptions);

        Assert.Contains($"LOG_LEVEL is '{value}'", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    private static IHost Build(params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.AddServiceDefaults();
        return builder.Build();
    }

    private static Task<ServiceHost> StartAsync(Lines lines) => ServiceHost.StartAsync(
        builder => builder.Logging.AddProvider(lines),
        app =>
        {
            app.UseExceptionHandler();
            app.Use((context, next) =>
            {
                if (context.Request.Path.StartsWithSegments("/signed-in", StringComparison.Ordinal))
                {
                    context.User = new ClaimsPrincipal(new ClaimsIdentity("test"));
                }

                return next(context);
            });
            app.MapGet("/things/{id}", (string id) => id.Length);
            app.MapGet("/signed-in/{id}", (string id) => id.Length);
            app.MapGet("/fails", string () => throw new InvalidOperationException("no"));
            app.MapGet("/known", (HttpContext context) => { Facts(context).Path = "/of-the-route"; });
            app.MapGet("/counted", (HttpContext context) => { Facts(context).IsCountedOnly = true; });
            app.MapGet("/webhook/{duplicate}", (bool duplicate, HttpContext context) => { Facts(context).IsDuplicate = duplicate; });
        },
        ("WEBHOOK_SECRET_TEST", Secret));

    private static RequestFacts Facts(HttpContext context) => context.Features.Get<RequestFacts>()!;

    /// <summary>The states of the lines of requests.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly SemaphoreSlim _written = new(0);

        public ConcurrentQueue<Dictionary<string, object?>> All { get; } = [];

        // The answer may arrive before the line is written.
        public async Task<Dictionary<string, object?>> NextAsync()
        {
            await _written.WaitAsync(Cancellation);
            Assert.True(All.TryDequeue(out var line));
            return line;
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 1301)
            {
                All.Enqueue(new(state as IEnumerable<KeyValuePair<string, object?>> ?? [], StringComparer.Ordinal));
                _written.Release();
            }
        }

        public void Dispose() => _written.Dispose();
    }
}
