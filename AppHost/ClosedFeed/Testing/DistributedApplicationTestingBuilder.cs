using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable
{
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

public static class DistributedApplicationTestingBuilder
{
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>Runs the application's Program.cs up to its <c>Build()</c>, with free ports and without a dashboard.</summary>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class
    {
        var test = new TestedEntryPoint();
        return new Builder(await test.StartAsync(typeof(TEntryPoint), args).WaitAsync(cancellationToken), test);
    }

    private sealed class Builder(DistributedApplicationBuilder inner, TestedEntryPoint test) : IDistributedApplicationTestingBuilder
    {
        public ConfigurationManager Configuration => inner.Configuration;

        public string AppHostDirectory => inner.AppHostDirectory;

        public IHostEnvironment Environment => inner.Environment;

        public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;

        public IServiceCollection Services => inner.Services;

        public IResourceCollection Resources => inner.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource)
            where T : IResource => inner.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
            where T : IResource => inner.CreateResourceBuilder(resource);

        public DistributedApplication Build() => test.ContinueAsync().GetAwaiter().GetResult();

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
            test.ContinueAsync().WaitAsync(cancellationToken);

        public async ValueTask DisposeAsync() => await (await test.ContinueAsync()).DisposeAsync();
    }
}
