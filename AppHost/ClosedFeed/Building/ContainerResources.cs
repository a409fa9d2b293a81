namespace Aspire.Hosting.ApplicationModel
{
    public class PostgresServerResource(string name) : Resource(name);

    public class PostgresDatabaseResource(string name, ReferenceExpression connectionStringExpression)
        : Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => connectionStringExpression;
    }

    public class RedisResource(string name, ReferenceExpression connectionStringExpression) : Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => connectionStringExpression;
    }
}

namespace Aspire.Hosting
{
    public static class PostgresBuilderExtensions
    {
        public static IResourceBuilder<PostgresServerResource> AddPostgres(
            this IDistributedApplicationBuilder builder,
            string name,
            IResourceBuilder<ParameterResource>? userName = null,
            IResourceBuilder<ParameterResource>? password = null,
            int? port = null) => throw new NoContainersException(name);

        public static IResourceBuilder<PostgresServerResource> WithDataVolume(
            this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
            throw new NoContainersException(builder.Resource.Name);

        public static IResourceBuilder<PostgresServerResource> WithDataBindMount(
            this IResourceBuilder<PostgresServerResource> builder, string source, bool isReadOnly = false) =>
            throw new NoContainersException(builder.Resource.Name);

        public static IResourceBuilder<PostgresServerResource> WithArgs(
            this IResourceBuilder<PostgresServerResource> builder, params string[] args) => throw new NoContainersException(builder.Resource.Name);

        public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
            this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null) =>
            throw new NoContainersException(builder.Resource.Name);
    }

    public static class RedisBuilderExtensions
    {
        public static IResourceBuilder<RedisResource> AddRedis(
            this IDistributedApplicationBuilder builder,
            string name,
            int? port = null,
            IResourceBuilder<ParameterResource>? password = null) => throw new NoContainersException(name);

        public static IResourceBuilder<RedisResource> WithDataVolume(
            this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
            throw new NoContainersException(builder.Resource.Name);

        public static IResourceBuilder<RedisResource> WithDataBindMount(
            this IResourceBuilder<RedisResource> builder, string source, bool isReadOnly = false) =>
            throw new NoContainersException(builder.Resource.Name);

        public static IResourceBuilder<RedisResource> WithPersistence(
            this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) =>
            throw new NoContainersException(builder.Resource.Name);
    }

    /// <summary>Running containers is what Aspire's packages are needed for: without them a model has to do without.</summary>
    public sealed class NoContainersException(string resource)
        : DistributedApplicationException($"'{resource}' is a container, and on a closed feed none can be run.");
}
