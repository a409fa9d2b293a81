using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Aspire.Webhooks.ServiceDefaults.Health;

/// <summary>
/// Reports a lost connection to Redis as degraded, because Redis only saves work. It reads the state of the multiplexer instead
/// of sending a PING, which on a lost connection waits longer than a probe.
/// </summary>
internal sealed class RedisHealth(IServiceProvider services) : IHealthCheck
{
    // The name of the check that AddRedisClient registers, which would make the service unhealthy.
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
        // The first use connects, which blocks for the connect timeout while Redis is down.
        var redis = await Task.Run(services.GetRequiredService<IConnectionMultiplexer>, cancellationToken)
            .WaitAsync(cancellationToken);
        return redis.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded();
    }
}

/// <summary>
/// Connects to Redis at startup if the service uses it. Connecting blocks: a burst of first requests would otherwise block all
/// threads of the pool, which the connection needs to complete.
/// </summary>
internal sealed class ConnectRedisAtStart(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.Run(services.GetService<IConnectionMultiplexer>, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
