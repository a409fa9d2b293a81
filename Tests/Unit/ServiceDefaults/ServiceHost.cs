using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>A service with the service defaults on a real Kestrel and a free port.</summary>
internal sealed class ServiceHost : IAsyncDisposable
{
    private ServiceHost(WebApplication app)
    {
        App = app;
        // Without tracing: the instrumentation of the services in this process would overwrite a traceparent that a test sends.
        Client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public static async Task<ServiceHost> StartAsync(
        Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "tested-service",
            EnvironmentName = Environments.Production,
            // There is no assembly of this name to load. A setting comes too late: the builder's constructor loads it.
            Args = [$"--{WebHostDefaults.PreventHostingStartupKey}=true"],
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.AddServiceDefaults();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.MapDefaultEndpoints();
        map?.Invoke(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ServiceHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }
}
