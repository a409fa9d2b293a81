using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>Records the first values of metrics at the start of a service.</summary>
public static class FirstValues
{
    /// <summary>
    /// Adds an action that counts 0 for each known combination of tags. A counter without a value is not exported, and
    /// Prometheus sees no increase when a series begins at 1: an alert would miss the first event of its kind.
    /// </summary>
    public static IServiceCollection AddFirstValues(this IServiceCollection services, Action<IServiceProvider> count) =>
        services.AddSingleton<IHostedService>(provider => new AtStart(() => count(provider)));

    // OpenTelemetry's hosted service, which makes the exporters listen, is started before all others.
    private sealed class AtStart(Action count) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            count();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
