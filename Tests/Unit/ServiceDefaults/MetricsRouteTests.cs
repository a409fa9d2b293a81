using System.Net;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>Who may read <c>/metrics</c>.</summary>
public sealed class MetricsRouteTests
{
    private const string Token = "token-of-the-scraper";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_setting_there_are_no_metrics_in_production()
    {
        await using var app = await StartAsync(Environments.Production);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(app));
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("page.example", HttpStatusCode.Forbidden)]
    public async Task In_Development_they_are_for_this_machine_under_its_own_name(string host, HttpStatusCode expected)
    {
        await using var app = await StartAsync(Environments.Development);

        Assert.Equal(expected, await StatusAsync(app, request => request.Headers.Host = host));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer another-token-of-20ch", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer", HttpStatusCode.Unauthorized)]
    [InlineData("Basic " + Token, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer " + Token + "x", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer " + Token, HttpStatusCode.OK)]
    public async Task With_a_token_only_who_has_it_reads_them(string? authorization, HttpStatusCode expected)
    {
        foreach (var environment in (string[])[Environments.Production, Environments.Development])
        {
            await using var app = await StartAsync(environment, ("Token", Token));

            Assert.Equal(
                expected,
                await StatusAsync(app, request => request.Headers.TryAddWithoutValidation("Authorization", authorization)));
        }
    }

    [Fact]
    public async Task A_port_of_their_own_has_them_and_nothing_else_and_the_others_have_them_no_more()
    {
        var port = RedisServer.FreePort();
        await using var app = await StartAsync(Environments.Production, ("Port", $"{port}"));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Contains((await Scrape.OfAsync(client)).Samples, sample => sample.Name == "target_info");
        foreach (var path in (string[])["/", "/health/live", "/alive", "/metrics/more"])
        {
            using var answer = await client.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(app));
        await app.StopAsync(Cancellation);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/metrics", Cancellation));
    }

    [Fact]
    public async Task A_port_of_their_own_asks_for_the_token_where_there_is_one()
    {
        var port = RedisServer.FreePort();
        await using var app = await StartAsync(Environments.Production, ("Port", $"{port}"), ("Token", Token));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        using var refused = await client.GetAsync("/metrics", Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.NotEmpty((await Scrape.OfAsync(client.With(Token))).Samples);
    }

    [Theory]
    [InlineData("Token", "short")]
    [InlineData("Token", "a token with white space")]
    [InlineData("Port", "65536")]
    [InlineData("Path", "/elsewhere")]
    public async Task An_error_in_the_settings_fails_the_start(string key, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(Environments.Production, (key, value)));

        Assert.Contains(MetricsOptions.Section, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key == "Token" ? value : "no value", exception.Message, StringComparison.Ordinal);
    }

    // What anybody can write into a request. Each value of a label is a time series.
    [Fact]
    public async Task No_request_adds_a_series_by_what_a_stranger_wrote_in_it()
    {
        const string Needle = "needle7d1f";
        await using var app = await StartAsync(Environments.Production, ("Token", Token));
        using var client = ClientOf(app);
        foreach (var (method, path, host) in ((string, string, string)[])
            [
                ("GET", $"/{Needle}", "localhost"), ("POST", $"/{Needle}/x", "localhost"),
                ("GET", $"/health/{Needle}", "localhost"),
                ("GET", "/alive", $"{Needle}.example"), (Needle.ToUpperInvariant(), "/alive", "localhost"),
                ("GET", $"/alive?{Needle}={Needle}", "localhost"),
            ])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { Host = host } };
            request.Headers.TryAddWithoutValidation("User-Agent", Needle);
            request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", Needle);
            using var answer = await client.SendAsync(request, Cancellation);
        }

        var scrape = await Eventually.GetAsync("all requests are counted", async () =>
            await Scrape.OfAsync(client.With(Token)) is var found
                && found.Value("http_requests_total", ("path", "unmatched"), ("status", "404")) >= 3
                && found.Value("http_requests_total", ("path", "/alive"), ("status", "200")) >= 2
                    ? found
                    : null);

        Assert.DoesNotContain(
            scrape.Samples,
            sample => sample.Labels.Values.Any(value => value.Contains(Needle, StringComparison.OrdinalIgnoreCase)));
    }

    private static async Task<WebApplication> StartAsync(string environment, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ApplicationName = "measured-service", EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create($"{MetricsOptions.Section}:{setting.Key}", (string?)setting.Value)));
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync(Cancellation);
        return app;
    }

    // Without tracing: the instrumentation of the services in this process would overwrite a traceparent that a test sends.
    private static HttpClient ClientOf(WebApplication app) =>
        new(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = new Uri(app.Urls.First()) };

    private static async Task<HttpStatusCode> StatusAsync(WebApplication app, Action<HttpRequestMessage>? change = null)
    {
        using var client = ClientOf(app);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        change?.Invoke(request);
        using var answer = await client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
