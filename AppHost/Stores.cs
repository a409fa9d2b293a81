using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.AppHost;

/// <summary>The connection strings of Postgres and Redis, however they are run.</summary>
public sealed record Stores(
    IResourceBuilder<IResourceWithConnectionString> Postgres,
    IResourceBuilder<IResourceWithConnectionString> Redis);

public static class StoreExtensions
{
    /// <summary>
    /// Adds Postgres and Redis: as containers if Docker or Podman is running, otherwise as local processes with their data in
    /// the folder <c>Data:Directory</c>.
    /// </summary>
    public static Stores AddStores(this IDistributedApplicationBuilder builder)
    {
        var postgresPassword = builder.AddSecretParameter("POSTGRES_PASSWORD", "Password of the user postgres.");
        var redisPassword = builder.AddSecretParameter("REDIS_PASSWORD", "Password of Redis.");
        var stores = Containers.Add(builder, postgresPassword, redisPassword)
            ?? LocalServers.Add(builder, postgresPassword, redisPassword);
        var file = Path.Combine(builder.DataDirectory(), WorkerFile.Name);
        var agents = builder.AgentSettings();
        builder.Services.AddHostedService(
            services => ActivatorUtilities.CreateInstance<WorkerFile>(services, file, stores, agents));
        return stores;
    }

    /// <summary>
    /// Passes the connection strings <c>webhooks</c> and <c>redis</c> to a service, and starts it when both stores accept
    /// logins.
    /// </summary>
    public static IResourceBuilder<T> WithStores<T>(this IResourceBuilder<T> service, Stores stores)
        where T : IResourceWithEnvironment, IResourceWithWaitSupport => service
        .WithReference(stores.Postgres, "webhooks").WaitFor(stores.Postgres)
        .WithReference(stores.Redis, "redis").WaitFor(stores.Redis);

    /// <summary>Returns the folder <c>Data:Directory</c>, by default <c>.data</c> in the repository.</summary>
    public static string DataDirectory(this IDistributedApplicationBuilder builder) => Path.GetFullPath(
        builder.Configuration["Data:Directory"] is { Length: > 0 } configured ? configured : ".data",
        builder.RepositoryDirectory());

    /// <summary>Returns the file <c>Data:EnvFile</c>, by default <c>.env</c> in the repository.</summary>
    public static string EnvFile(this IDistributedApplicationBuilder builder) => Path.GetFullPath(
        builder.Configuration["Data:EnvFile"] is { Length: > 0 } configured ? configured : ".env", builder.RepositoryDirectory());

    /// <summary>Returns the folder above that of the AppHost.</summary>
    public static string RepositoryDirectory(this IDistributedApplicationBuilder builder) =>
        Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
}
