using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class HttpClientTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https+http", "http", "/path")]
    [InlineData("http", "http", "/path?q=1")]
    public async Task A_service_is_called_by_its_name(string schemes, string configured, string path)
    {
        await using var sender = await ServiceHost.StartAsync(configure: null, app => app.MapGet("/path", (HttpRequest request) => request.Path + request.QueryString));
        using var caller = CallerOf(sender, configured);

        Assert.Equal(path, await caller.GetStringAsync($"{schemes}://sender{path}", Cancelled));
    }

    [Fact]
    public async Task A_name_that_is_not_configured_is_a_host()
    {
        await using var sender = await ServiceHost.StartAsync(configure: null, app => app.MapGet("/path", () => "here"));
        using var caller = CallerOf(sender, "http");

        Assert.Equal("here", await caller.GetStringAsync(new Uri(sender.Client.BaseAddress!, "/path"), Cancelled));
    }

    [Theory]
    [InlineData(500, 2)]
    [InlineData(503, 2)]
    [InlineData(429, 2)]
    [InlineData(408, 2)]
    [InlineData(404, 1)]
    [InlineData(200, 1)]
    public async Task Only_transient_failures_are_repeated(int status, int calls)
    {
        var count = 0;
        await using var sender = await ServiceHost.StartAsync(configure: null, app => app.MapGet("/", (HttpResponse response) =>
        {
            // Zero seconds, so that the test need not wait for the default delay.
            response.Headers.RetryAfter = "0";
            return Results.StatusCode(Interlocked.Increment(ref count) == 1 ? status : StatusCodes.Status200OK);
        }));
        using var caller = CallerOf(sender, "http");

        using var response = await caller.GetAsync("http://sender/", Cancelled);

        Assert.Equal(calls, count);
        Assert.Equal(calls == 2 ? HttpStatusCode.OK : (HttpStatusCode)status, response.StatusCode);
    }

    [Fact]
    public async Task Giving_up_takes_four_attempts()
    {
        var count = 0;
        await using var sender = await ServiceHost.StartAsync(configure: null, app => app.MapGet("/", (HttpResponse response) =>
        {
            response.Headers.RetryAfter = "0";
            Interlocked.Increment(ref count);
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }));
        using var caller = CallerOf(sender, "http");

        using var response = await caller.GetAsync("http://sender/", Cancelled);

        Assert.Equal(4, count);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    private static HttpClient CallerOf(ServiceHost sender, string scheme)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.AddServiceDefaults();
        builder.Configuration[$"services:sender:{scheme}:0"] = sender.Client.BaseAddress!.ToString();
        builder.Services.AddHttpClient();
        return builder.Build().Services.GetRequiredService<IHttpClientFactory>().CreateClient();
    }
}
