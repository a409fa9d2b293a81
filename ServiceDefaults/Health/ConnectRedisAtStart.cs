using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Aspire.Webhooks.ServiceDefaults.Health;

/// <summary>Connects to Redis, where a service uses it, before the first request comes. Connecting blocks: left to a burst of
/// first requests it would hold all of the pool's threads, and with them what it waits for.</summary>
internal sealed class ConnectRedisAtStart(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.Run(services.GetService<IConnectionMultiplexer>, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
