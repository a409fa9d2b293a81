namespace Aspire.Hosting;

public static class ExecutableResourceBuilderExtensions
{
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddResource(new ExecutableResource(name, command, workingDirectory) { Arguments = args ?? [] });
}

public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false) =>
        builder.AddResource(new ParameterResource(
            name,
            _ => builder.Configuration[configurationKey]
                ?? throw new DistributedApplicationException($"The parameter '{name}' has no value: set {configurationKey}."),
            secret));

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        var key = $"Parameters:{name}";
        return builder.AddResource(new ParameterResource(name, _ => builder.Configuration[key] ?? Default(), secret));

        string Default()
        {
            var made = value.GetDefaultValue();
            if (persist)
            {
                UserSecrets.Write(key, made);
            }

            return made;
        }
    }
}

public static class ConnectionStringBuilderExtensions
{
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression)
    {
        var connectionString = builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
        // A connection string lives as long as the server that it leads to.
        foreach (var server in connectionStringExpression.ValueProviders
            .OfType<EndpointReferenceExpression>().Select(value => value.Endpoint.Resource).Distinct())
        {
            connectionString.Resource.Waits.Add(new Wait(server, UntilHealthy: false));
        }

        return connectionString;
    }
}
