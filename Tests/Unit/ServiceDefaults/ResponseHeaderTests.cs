using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class ResponseHeaderTests
{
    [Theory]
    [InlineData("/found", 200)]
    [InlineData("/missing", 404)]
    [InlineData("/broken", 500)]
    [InlineData("/health", 200)]
    public async Task Every_answer_is_kept_by_nobody_taken_for_what_it_says_it_is_and_names_no_server(string path, int status)
    {
        await using var service = await StartAsync();

        using var response = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_route_can_say_otherwise_how_long_its_answer_may_be_kept()
    {
        await using var service = await StartAsync();

        using var response = await service.Client.GetAsync("/kept", TestContext.Current.CancellationToken);

        Assert.Equal("max-age=60", response.Headers.CacheControl?.ToString());
    }

    private static Task<ServiceHost> StartAsync() => ServiceHost.StartAsync(configure: null, app =>
    {
        app.UseExceptionHandler();
        app.MapGet("/found", () => "text");
        app.MapGet("/kept", (HttpResponse response) =>
        {
            response.Headers.CacheControl = "max-age=60";
            return "text";
        });
        app.MapGet("/broken", string () => throw new InvalidOperationException("broken"));
    });
}
