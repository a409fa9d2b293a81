using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Aspire.Webhooks.ServiceDefaults.Health;

/// <summary>Redis only saves work, so its loss degrades a service. Asks the multiplexer what it knows instead of sending a
/// PING, which on a lost connection waits longer than a probe does.</summary>
internal sealed class RedisHealth(IServiceProvider services) : IHealthCheck
{
    // The name under which AddRedisClient registers its check; that one fails the service.
    private const string ComponentCheck = "StackExchange.Redis";

    public static void MakeOptional(HealthCheckServiceOptions options)
    {
        foreach (var check in options.Registrations.Where(check => check.Name is ComponentCheck))
        {
            check.Factory = services => new RedisHealth(services);
            check.FailureStatus = HealthStatus.Degraded;
        }
    }

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Connects when nobody has used Redis yet, which blocks for the connect timeout while Redis is down.
        var redis = await Task.Run(services.GetRequiredService<IConnectionMultiplexer>, cancellationToken)
            .WaitAsync(cancellationToken);
        return redis.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded();
    }
}

/// <summary>Connects to Redis, where a service uses it, before the first request comes. Connecting blocks: left to a burst of
/// first requests it would hold all of the pool's threads, and with them what it waits for.</summary>
internal sealed class ConnectRedisAtStart(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.Run(services.GetService<IConnectionMultiplexer>, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
