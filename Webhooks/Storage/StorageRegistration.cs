using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Aspire.Webhooks.Storage;

public static class StorageRegistration
{
    /// <summary>The key of the <see cref="NpgsqlDataSource"/> that the queue has for itself.</summary>
    public const string Queue = "queue";

    /// <summary>The name of the connection string.</summary>
    public const string ConnectionName = "webhooks";

    // Npgsql's default for one pool, 100, is all that a Postgres has by default. Three services with two pools each must
    // fit into it: whoever finds a pool empty waits, whoever finds the server full fails.
    // The queue's own: claims, settlements and renewals do not wait behind the work that they are for.
    private const int HotConnections = 12;
    private const int QueueConnections = 8;
    private const int ReadConnections = 10;

    // A process that stops in a transaction, frozen or suspended, keeps its locks; whoever waits for them must go on. And no
    // statement of ours is worth compiling: with 100,000 due jobs in one lane each claim took 18 ms for that, and 1 without.
    private const string SessionOptions = "-c idle_in_transaction_session_timeout=10000 -c jit=off";

    // The component's default keeps a caller waiting for a minute while the database is away. A second bridges a broken
    // connection; for longer, the answer is 503.
    private const int Retries = 2;
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Adds <see cref="WebhooksDb"/> for reads, <see cref="NpgsqlDataSource"/> for hot statements, and the migration
    /// that runs at start. The connection string is <c>ConnectionStrings:webhooks</c>.
    /// </summary>
    public static TBuilder AddWebhookStorage<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // It also registers the spans and metrics of Npgsql, by Npgsql.OpenTelemetry: those of all pools of the process.
        builder.AddNpgsqlDbContext<WebhooksDb>(
            ConnectionName,
            settings => settings.ConnectionString = settings.ConnectionString is { } connection ? Capped(connection, ReadConnections) : null,
            options => options.UseWebhooksNames().UseNpgsql(npgsql => npgsql
                .EnableRetryOnFailure(Retries, LongestRetryDelay, errorCodesToAdd: null)));

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => DataSource(services, builder.Configuration, HotConnections));
        builder.Services.AddKeyedSingleton(Queue, (services, _) => DataSource(services, builder.Configuration, QueueConnections));
        builder.Services.AddSingleton<SecretExchange>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SecretExchange>());
        builder.Services.AddSingleton<SchemaMigration>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SchemaMigration>());
        builder.Services.AddHealthChecks().AddCheck<SchemaMigration>("schema");
        return builder;
    }

    /// <summary>
    /// The names of <see cref="WebhooksDb"/>'s tables and columns, and of the history of its migrations: whoever makes one needs them.
    /// </summary>
    public static DbContextOptionsBuilder UseWebhooksNames(this DbContextOptionsBuilder options) => options
        .UseSnakeCaseNamingConvention()
        .UseNpgsql(npgsql => npgsql.MigrationsHistoryTable("schema_versions", WebhooksDb.Schema));

    private static NpgsqlDataSource DataSource(IServiceProvider services, IConfiguration configuration, int connections)
    {
        var connection = configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not set.");
        return new NpgsqlDataSourceBuilder(Capped(connection, connections))
            .UseLoggerFactory(services.GetRequiredService<ILoggerFactory>())
            .Build();
    }

    private static string Capped(string connection, int connections)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection);
        if (!builder.ShouldSerialize("Maximum Pool Size"))
        {
            builder.MaxPoolSize = connections;
        }

        builder.Options = builder.Options is { Length: > 0 } given ? $"{SessionOptions} {given}" : SessionOptions;
        return builder.ConnectionString;
    }
}
