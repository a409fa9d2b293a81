using System.Collections.ObjectModel;
using Aspire.Hosting.Running;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly TestedEntryPoint? _test = TestedEntryPoint.Current;
    private readonly RunOptions _options;

    public DistributedApplicationBuilder(string[] args)
    {
        _host = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = args,
            ApplicationName = nameof(Projects.AppHost),
            ContentRootPath = AppHostDirectory,
        });
        _options = new RunOptions(
            UnderTest: _test is not null,
            RandomizePorts: _test is not null || Configuration.GetValue<bool>("DcpPublisher:RandomizePorts"));
        Configuration.AddInMemoryCollection(UserSecrets.Read().Where(secret => Configuration[secret.Key] is null).ToList());
        // The console belongs to the resources' log; a health check that fails while its store starts is no error.
        _host.Logging.ClearProviders();
        Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(1));
        Services.AddHealthChecks();
        Services
            .AddSingleton(_options)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new DistributedApplicationModel(Resources))
            .AddSingleton<ResourceNotificationService>()
            .AddSingleton<ResourceLoggerService>()
            .AddSingleton<ResourceCommandService>()
            .AddSingleton<ConsoleLog>()
            .AddSingleton<Watchdog>()
            .AddSingleton<HealthMonitor>()
            .AddSingleton<ProcessEnvironment>()
            .AddSingleton<Orchestrator>()
            .AddHostedService(services => services.GetRequiredService<Orchestrator>());
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory => Projects.AppHost.Directory;

    public IHostEnvironment Environment => _host.Environment;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public IServiceCollection Services => _host.Services;

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (Resources.Any(r => r.Name == resource.Name))
        {
            throw new DistributedApplicationException($"There are two resources named '{resource.Name}'.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        _test?.Suspend(this);
        if (!_options.RandomizePorts)
        {
            Dashboard.AddTo(this);
        }

        return new DistributedApplication(_host.Build(), _test);
    }

    private sealed record ResourceBuilder<T>(IDistributedApplicationBuilder ApplicationBuilder, T Resource) : IResourceBuilder<T>
        where T : IResource;

    private sealed class ResourceCollection : Collection<IResource>, IResourceCollection;
}

/// <summary>How the application runs.</summary>
/// <param name="UnderTest">The console is left to the test runner.</param>
/// <param name="RandomizePorts">Every port is a free one, so that runs do not collide. No dashboard: people look for that on its port.</param>
internal sealed record RunOptions(bool UnderTest, bool RandomizePorts);
