using System.Net;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>The page at <c>/docs</c> that shows a service's API to its developers.</summary>
public sealed partial class ApiReferenceTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("receiver")]
    [InlineData("worker")]
    [InlineData("sender")]
    public async Task In_Development_the_page_shows_the_document_and_loads_nothing_from_elsewhere(string service)
    {
        await using var host = await StartAsync(service, "Development");
        using var client = new HttpClient { BaseAddress = host.Address };

        using var answer = await client.GetAsync("/docs", Cancellation);
        var page = await answer.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal((HttpStatusCode.OK, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("openapi/v1.json", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(OtherOrigin(), page);
        Assert.Equal(
            "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        var scripts = Script().Matches(page).Select(script => script.Groups["source"].Value).ToList();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            using var loaded = await client.GetAsync(new Uri(answer.RequestMessage!.RequestUri!, script), Cancellation);
            Assert.Equal(
                (HttpStatusCode.OK, "text/javascript"), (loaded.StatusCode, loaded.Content.Headers.ContentType?.MediaType));
        }
    }

    [Theory]
    [InlineData("receiver")]
    [InlineData("worker")]
    [InlineData("sender")]
    public async Task In_Production_there_is_no_page(string service)
    {
        await using var host = await StartAsync(service, "Production");
        using var client = new HttpClient { BaseAddress = host.Address };

        foreach (var path in (string[])["/docs", "/docs/", "/docs/scalar.js"])
        {
            using var answer = await client.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private async Task<Host> StartAsync(string service, string environment)
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await stack.RedisAsync());
        (string, string)[] settings = [("environment", environment), ("Webhooks:Sources:github:Scheme", "github")];
        return service switch
        {
            "receiver" => await Of(Services.ReceiverAsync(database, redis, settings)),
            "worker" => await Of(Services.WorkerAsync(database, redis, settings)),
            _ => await Of(Services.SenderAsync(database, redis, settings)),
        };

        static async Task<Host> Of<TMarker>(Task<ServiceHost<TMarker>> starting)
            where TMarker : class
        {
            var host = await starting;
            return new(host, host.Address);
        }
    }

    // A scheme and a host, or a host alone, where a reference can be.
    [GeneratedRegex(@"https?:|[""'(=]\s*//", RegexOptions.None, 1000)]
    private static partial Regex OtherOrigin();

    [GeneratedRegex(@"<script[^>]* src=""(?<source>[^""]+)""", RegexOptions.None, 1000)]
    private static partial Regex Script();

    private sealed record Host(IAsyncDisposable Service, Uri Address) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }
}
