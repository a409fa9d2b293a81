using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>Asks running resources how they are.</summary>
internal sealed class HealthMonitor(HealthCheckService checks, ResourceNotificationService notifications, TimeProvider time)
{
    private static readonly TimeSpan WhileUnhealthy = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Publishes the resource's health until cancelled.</summary>
    /// <exception cref="DistributedApplicationException">
    /// What the resource depends on has ended before the resource was ever healthy: waiting for it would never end.
    /// </exception>
    public async Task WatchAsync(Resource resource, CancellationToken cancellationToken)
    {
        var wasHealthy = false;
        while (true)
        {
            var report = await checks.CheckHealthAsync(check => resource.HealthChecks.Contains(check.Name, StringComparer.Ordinal), cancellationToken);
            await notifications.PublishUpdateAsync(resource, state => state with { CheckedHealth = report.Status });
            wasHealthy |= report.Status == HealthStatus.Healthy;
            if (!wasHealthy && FailureBelow(resource) is { } failure)
            {
                throw new DistributedApplicationException(failure);
            }

            await Task.Delay(report.Status == HealthStatus.Healthy ? WhileHealthy : WhileUnhealthy, time, cancellationToken);
        }
    }

    private string? FailureBelow(Resource resource) => resource.Waits
        .Select(wait => notifications.TryGetCurrentState(wait.For.Name, out var change) ? change.Snapshot.Failure : null)
        .FirstOrDefault(failure => failure is not null);

    internal static async Task<HealthCheckResult> CheckHttpAsync(
        EndpointReference endpoint, string path, int statusCode, CancellationToken cancellationToken)
    {
        using var response = await Http.GetAsync(new Uri(new Uri(endpoint.Url), path), cancellationToken);
        return response.StatusCode == (HttpStatusCode)statusCode
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"{endpoint.Url}{path} answered {(int)response.StatusCode}");
    }
}
