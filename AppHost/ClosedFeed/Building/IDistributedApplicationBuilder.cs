using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting
{
    public interface IDistributedApplicationBuilder
    {
        ConfigurationManager Configuration { get; }

        string AppHostDirectory { get; }

        IHostEnvironment Environment { get; }

        DistributedApplicationExecutionContext ExecutionContext { get; }

        IServiceCollection Services { get; }

        IResourceCollection Resources { get; }

        IResourceBuilder<T> AddResource<T>(T resource)
            where T : IResource;

        IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
            where T : IResource;

        DistributedApplication Build();
    }

    public interface IProjectMetadata
    {
        string ProjectPath { get; }
    }

    public class DistributedApplicationException(string message) : Exception(message);
}

namespace Aspire.Hosting.ApplicationModel
{
    public interface IResourceBuilder<out T>
        where T : IResource
    {
        IDistributedApplicationBuilder ApplicationBuilder { get; }

        T Resource { get; }
    }

    public interface IResourceCollection : IList<IResource>;

    public class DistributedApplicationModel(IResourceCollection resources)
    {
        public IResourceCollection Resources { get; } = resources;
    }
}
