using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>
/// Answers <c>/metrics</c> at <see cref="MetricsOptions.Port"/>. It is a web server of its own: nothing else can be reached at
/// the port, whatever the service maps later, and the limits of the service on connections do not shut out the scraper.
/// </summary>
internal sealed class MetricsServer(MeterProvider metrics, IOptions<MetricsOptions> options, ILoggerFactory logs)
    : IHostedService, IAsyncDisposable
{
    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Port == 0)
        {
            return;
        }

        // It reads no configuration: ASPNETCORE_URLS and the section Kestrel are those of the service.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logs).AddRoutingCore()
            .Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(options.Value.Port);
        });
        _app = builder.Build();
        MetricsRoutes.Map(_app, metrics, options.Value);
        await _app.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}
