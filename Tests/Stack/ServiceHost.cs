using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>One service in this process, from its own Program.cs, on a real socket.</summary>
/// <typeparam name="TMarker">Any type of the service's assembly.</typeparam>
public sealed class ServiceHost<TMarker> : WebApplicationFactory<TMarker>
    where TMarker : class
{
    private const int MaxStarts = 10;

    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly Action<IServiceCollection>? _services;

    private ServiceHost(IReadOnlyDictionary<string, string> settings, Action<IServiceCollection>? services)
    {
        _settings = settings;
        _services = services;
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>
    /// Starts the service with settings that win over its appsettings and services beside its own, and waits until it is
    /// ready.
    /// </summary>
    public static async Task<ServiceHost<TMarker>> StartAsync(
        IReadOnlyDictionary<string, string> settings, Action<IServiceCollection>? services = null)
    {
        for (var start = 1; ; start++)
        {
            try
            {
                return await StartOnceAsync(settings, services);
            }
            catch (ObjectDisposedException exception) when (exception.ObjectName == nameof(IServiceProvider) && start < MaxStarts)
            {
                // Program.cs failed and took its services along before the factory looked at them, which loses the reason.
                // Another start tells it. Nothing else that is disposed too early is started again.
            }
        }
    }

    private static async Task<ServiceHost<TMarker>> StartOnceAsync(
        IReadOnlyDictionary<string, string> settings, Action<IServiceCollection>? services)
    {
        var host = new ServiceHost<TMarker>(settings, services);
        try
        {
            host.UseKestrel();
            host.StartServer();
            var addresses = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            host.Address = new Uri(addresses.Single());
            using var client = host.NewClient();
            await Eventually.HoldsAsync("the service is ready", async () =>
                (await client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    // Without tracing: the instrumentation of the services in this process would overwrite a traceparent that a test sends.
    public HttpClient NewClient() => new(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = Address };

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        // Not UseKestrel(0): it changes the addresses of a server that Program.cs may have started by then.
        builder.UseSetting("urls", "http://127.0.0.1:0");

        // Linux gives a user 128 file watchers by default, and there are as many hosts in a run.
        builder.UseSetting("hostBuilder:reloadConfigOnChange", "false");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders());
        if (_services is not null)
        {
            builder.ConfigureServices(_services);
        }
    }
}
