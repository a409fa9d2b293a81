namespace Aspire.Webhooks.AppHost;

/// <summary>Aspire's container integrations are not on a closed feed: the stores are local processes there.</summary>
internal static class Containers
{
    public static Stores? Add(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> postgresPassword,
        IResourceBuilder<ParameterResource> redisPassword) => null;
}
