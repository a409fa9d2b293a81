namespace Aspire.Webhooks.AppHost;

/// <summary>Postgres and Redis as containers.</summary>
internal static class Containers
{
    /// <summary>The stores in containers; null when none can be run.</summary>
    public static Stores? Add(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> postgresPassword,
        IResourceBuilder<ParameterResource> redisPassword)
    {
        // Aspire itself would start the rest and leave it waiting for ever. What is published always has its containers.
        if (builder.ExecutionContext.IsRunMode && !ContainerRuntime.IsUp(builder.Configuration["ASPIRE_CONTAINER_RUNTIME"]))
        {
            return null;
        }

        // A process of ours keeps up to 30 connections: three services and a few MCP servers do not fit into the default of 100.
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
