using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class HealthTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, "/health/live", 200, """{"status":"alive"}""")]
    [InlineData(HealthStatus.Unhealthy, "/health/live", 200, """{"status":"alive"}""")]
    [InlineData(HealthStatus.Unhealthy, "/alive", 200, "Healthy")]
    [InlineData(HealthStatus.Healthy, "/health/ready", 200, """{"status":"ready"}""")]
    [InlineData(HealthStatus.Degraded, "/health/ready", 200, """{"status":"ready"}""")]
    [InlineData(HealthStatus.Unhealthy, "/health/ready", 503, """{"status":"unavailable"}""")]
    [InlineData(HealthStatus.Healthy, "/health", 200, "Healthy")]
    [InlineData(HealthStatus.Unhealthy, "/health", 503, "Unhealthy")]
    public async Task Probes_say_up_or_down_and_nothing_else(HealthStatus dependency, string path, int status, string body)
    {
        await using var service = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("postgres", () => new HealthCheckResult(dependency, "the reason is for the log")));

        using var response = await service.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(body.StartsWith('{') ? "application/json" : "text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_check_that_does_not_end_is_reported_as_failed()
    {
        await using var service = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddAsyncCheck("postgres", async cancellation =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
                return HealthCheckResult.Healthy();
            }));

        using var response = await service.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }
}
