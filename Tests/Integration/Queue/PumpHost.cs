using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration.Queue;

/// <summary>A process of its own, as far as the queue can tell: a pump of event jobs that runs what the test says.</summary>
public sealed class PumpHost : IAsyncDisposable
{
    private readonly IHost _host;

    private PumpHost(IHost host) => _host = host;

    public JobWakeup Wakeup => _host.Services.GetRequiredService<JobWakeup>();

    public static Task<PumpHost> StartAsync(
        string database, string redis, ScriptedHandler handler, params (string Key, string Value)[] settings) =>
        StartAsync(database, redis, handler, null, settings);

    public static async Task<PumpHost> StartAsync(
        string database, string redis, ScriptedHandler handler, RecordedLog? log, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:webhooks", database),
            new("ConnectionStrings:redis", redis),
            new("WEBHOOK_SECRET_TEST", ScriptedHandler.Secret),
            .. settings.Select(setting => KeyValuePair.Create($"Webhooks:Jobs:Event:{setting.Key}", (string?)setting.Value)),
        ]);
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.AddRedisClient("redis");
        builder.AddWebhookStorage();
        builder.Services.AddJobPump<ScriptedHandler, NoWork>();
        builder.Services.AddSingleton(handler);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new(host);
    }

    /// <summary>An orderly stop.</summary>
    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        using (_host)
        {
            await _host.StopAsync(CancellationToken.None);
        }
    }
}
