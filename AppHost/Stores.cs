using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.AppHost;

/// <summary>Postgres and Redis, as connection strings: what runs behind them is this machine's affair.</summary>
public sealed record Stores(
    IResourceBuilder<IResourceWithConnectionString> Webhooks,
    IResourceBuilder<IResourceWithConnectionString> Redis);

public static class StoreExtensions
{
    /// <summary>
    /// Postgres (connection name <c>webhooks</c>) and Redis (<c>redis</c>): containers where Docker or Podman runs, else
    /// local processes that keep their data in the folder <c>Data:Directory</c>.
    /// </summary>
    public static Stores AddStores(this IDistributedApplicationBuilder builder)
    {
        var postgresPassword = builder.AddSecretParameter("POSTGRES_PASSWORD");
        var redisPassword = builder.AddSecretParameter("REDIS_PASSWORD");
        var stores = Containers.Add(builder, postgresPassword, redisPassword)
            ?? builder.AddLocalStores(postgresPassword, redisPassword);
        if (builder.ExecutionContext.IsRunMode)
        {
            var file = Path.Combine(builder.DataDirectory(), WorkerFile.Name);
            var agents = builder.AgentSettings();
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<WorkerFile>(services, file, stores, agents));
        }

        return stores;
    }

    /// <summary>The folder <c>Data:Directory</c>, by default <c>.data</c> in the repository.</summary>
    public static string DataDirectory(this IDistributedApplicationBuilder builder) => Path.GetFullPath(
        builder.Configuration["Data:Directory"] is { Length: > 0 } configured ? configured : ".data",
        Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "..")));

    private static Stores AddLocalStores(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> postgresPassword,
        IResourceBuilder<ParameterResource> redisPassword)
    {
        var postgres = builder.AddLocalServer("postgres", "POSTGRES_PORT").WithEnvironment("POSTGRES_PASSWORD", postgresPassword);
        var endpoint = postgres.GetEndpoint("tcp");
        var webhooks = builder.AddConnectionString("webhooks", ReferenceExpression.Create(
            $"Host=127.0.0.1;Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={postgresPassword};Database=webhooks"));

        var server = builder.AddLocalServer("redis-server", "REDIS_PORT").WithEnvironment("REDIS_PASSWORD", redisPassword);
        var redisEndpoint = server.GetEndpoint("tcp");
        var redis = builder.AddConnectionString("redis", ReferenceExpression.Create(
            $"127.0.0.1:{redisEndpoint.Property(EndpointProperty.Port)},password={redisPassword}"));

        // The checks belong to the connection strings, which is what services wait for.
        builder.Services.AddHealthChecks()
            .AddAsyncCheck("webhooks-login", token => StoreHealth.CheckPostgresAsync(webhooks.Resource, token))
            .AddAsyncCheck("redis-ping", token => StoreHealth.CheckRedisAsync(redisEndpoint, redisPassword.Resource, token));
        return new Stores(webhooks.WithHealthCheck("webhooks-login"), redis.WithHealthCheck("redis-ping"));
    }

    private static IResourceBuilder<ExecutableResource> AddLocalServer(
        this IDistributedApplicationBuilder builder, string name, string portVariable)
    {
        var repository = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
        var script = Path.Combine(repository, "eng", name.Replace("-server", "", StringComparison.Ordinal) + ".sh");
        return builder.AddExecutable(name, "sh", repository, script)
            .WithEnvironment("DATA_DIRECTORY", builder.DataDirectory())
            .WithEndpoint(name: "tcp", scheme: "tcp", env: portVariable);
    }
}
