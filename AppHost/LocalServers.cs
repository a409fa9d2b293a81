using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// A local server that a script in <c>eng/</c> starts. The script's error messages say how to solve a failure.
/// </summary>
internal abstract class LocalServer : ExecutableResource, IResourceWithConnectionString
{
    protected LocalServer(string name, ParameterResource password, string repository)
        : base(name, "sh", repository)
    {
        Password = password;
        Port = new EndpointReference(this, "tcp").Property(EndpointProperty.Port);
    }

    public abstract ReferenceExpression ConnectionStringExpression { get; }

    protected ParameterResource Password { get; }

    protected EndpointReferenceExpression Port { get; }
}

/// <summary>PostgreSQL, with the database <c>webhooks</c>.</summary>
internal sealed class LocalPostgres(string name, ParameterResource password, string repository)
    : LocalServer(name, password, repository)
{
    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host=127.0.0.1;Port={Port};Username=postgres;Password={Password};Database=webhooks");
}

/// <summary>Redis.</summary>
internal sealed class LocalRedis(string name, ParameterResource password, string repository)
    : LocalServer(name, password, repository)
{
    public override ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"127.0.0.1:{Port},password={Password}");
}

internal static class LocalServers
{
    public static Stores Add(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> postgresPassword,
        IResourceBuilder<ParameterResource> redisPassword)
    {
        var repository = builder.RepositoryDirectory();
        var postgres = builder.AddServer(
            new LocalPostgres("postgres", postgresPassword.Resource, repository), "POSTGRES", postgresPassword);
        var redis = builder.AddServer(
            new LocalRedis("redis", redisPassword.Resource, repository), "REDIS", redisPassword);

        // The checks log in, because an open port does not show which server listens.
        var checks = builder.Services.AddHealthChecks();
        checks.AddNpgSql(builder.ConnectionStringOf(postgres.Resource), name: "postgres-login");
        checks.AddRedis(builder.ConnectionStringOf(redis.Resource), name: "redis-login");
        return new(postgres.WithHealthCheck("postgres-login"), redis.WithHealthCheck("redis-login"));
    }

    private static IResourceBuilder<T> AddServer<T>(
        this IDistributedApplicationBuilder builder, T server, string variables, IResourceBuilder<ParameterResource> password)
        where T : LocalServer => builder.AddResource(server)
        .WithArgs(Path.Combine("eng", $"{server.Name}.sh"))
        .WithEnvironment("DATA_DIRECTORY", builder.DataDirectory())
        .WithEnvironment($"{variables}_PASSWORD", password)
        .WithEndpoint(name: "tcp", scheme: "tcp", env: $"{variables}_PORT")
        .WithIconName("Database");

    // A check runs only when its server does, and its port is known by then.
    private static Func<IServiceProvider, string> ConnectionStringOf(
        this IDistributedApplicationBuilder builder, LocalServer server)
    {
        string? known = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(
            server, async (_, token) => known = await ((IResourceWithConnectionString)server).GetConnectionStringAsync(token));
        return _ => known ?? throw new InvalidOperationException($"The port of {server.Name} is not known yet.");
    }
}
