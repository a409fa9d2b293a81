namespace Aspire.Webhooks.AppHost;

/// <summary>Adds Postgres and Redis as containers.</summary>
internal static class Containers
{
    /// <summary>Adds the stores as containers; null when no container runtime is running.</summary>
    public static Stores? Add(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> postgresPassword,
        IResourceBuilder<ParameterResource> redisPassword)
    {
        // Without a runtime, Aspire would start the other resources and let them wait for ever.
        if (!ContainerRuntime.IsUp(builder.Configuration["ASPIRE_CONTAINER_RUNTIME"]))
        {
            return null;
        }

        // Each of our processes keeps up to 30 connections. The default of 100 is too small for three services and a few MCP
        // servers.
        var postgres = builder.AddPostgres("postgres", password: postgresPassword).WithArgs(
            "-c", "max_connections=300", "-c", "log_error_verbosity=terse");
        var redis = builder.AddRedis("redis", password: redisPassword).WithPersistence();
        if (builder.Configuration["Data:Directory"] is { Length: > 0 } data)
        {
            postgres.WithDataBindMount(Path.GetFullPath(Path.Combine(data, "postgres")));
            redis.WithDataBindMount(Path.GetFullPath(Path.Combine(data, "redis")));
        }
        else
        {
            postgres.WithDataVolume();
            redis.WithDataVolume();
        }

        return new Stores(postgres.AddDatabase("webhooks"), redis);
    }
}
