using Aspire.Webhooks.ServiceDefaults;
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
    /// <summary>The key of the <see cref="NpgsqlDataSource"/> that only the queue uses.</summary>
    public const string Queue = "queue";

    /// <summary>The name of the connection string.</summary>
    public const string ConnectionName = "webhooks";

    // By default, Postgres allows 100 connections, and Npgsql as many in one pool. The pools of three services must fit into
    // that: a caller waits when its pool is empty, but fails when the server is full. The queue has a pool of its own, so that
    // claims, settlements and renewals do not wait for connections behind the work of the jobs.
    private const int HotConnections = 12;
    private const int QueueConnections = 8;
    private const int ReadConnections = 10;

    // A process that is frozen in a transaction keeps its locks, and others wait for them: Postgres ends the session after 10 s.
    // And JIT compilation does not pay: with 100,000 due jobs in one lane, a claim took 18 ms with it and 1 ms without.
    private const string SessionOptions = "-c idle_in_transaction_session_timeout=10000 -c jit=off";

    // By default, the component lets a caller wait for a minute while the database is away. A second is enough for a broken
    // connection. After that, the answer is 503.
    private const int Retries = 2;
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Adds <see cref="WebhooksDb"/> for reads, <see cref="NpgsqlDataSource"/> for hot statements, and the migration
    /// that runs at start. The connection string is <c>ConnectionStrings:webhooks</c> or <see cref="DatabaseUrl"/>.
    /// </summary>
    public static TBuilder AddWebhookStorage<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        DatabaseUrl.Add(builder);
        builder.Services.AddCheckedOptions<StorageOptions>(StorageOptions.Section)
            .Check((options, provider) => Errors(options, provider.GetRequiredService<IConfiguration>()));
        var entra = EntraLoginOf(builder.Configuration);

        // This also registers the spans and metrics of Npgsql, by Npgsql.OpenTelemetry, for all pools of the process.
        builder.AddNpgsqlDbContext<WebhooksDb>(
            ConnectionName,
            settings =>
            {
                settings.ConnectionString = settings.ConnectionString is { } connection
                    ? Capped(connection, ReadConnections)
                    : null;
                settings.DisableHealthChecks = true;
            },
            options => options.UseWebhooksNames().UseNpgsql(npgsql =>
            {
                npgsql.EnableRetryOnFailure(Retries, LongestRetryDelay, errorCodesToAdd: null);
                if (entra is not null)
                {
                    npgsql.ConfigureDataSource(entra.Use);
                }
            }));

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(
            services => DataSource(services, builder.Configuration, HotConnections, entra, leavesNothing: false));
        builder.Services.AddKeyedSingleton(
            Queue, (services, _) => DataSource(services, builder.Configuration, QueueConnections, entra, leavesNothing: true));
        builder.Services.AddSingleton<SecretExchange>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SecretExchange>());
        builder.Services.AddSingleton<SchemaMigration>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SchemaMigration>());
        builder.Services.AddHealthChecks().AddCheck<SchemaMigration>("schema").AddCheck<DatabaseHealth>("postgres");
        return builder;
    }

    /// <summary>
    /// Sets the names of tables and columns of <see cref="WebhooksDb"/>, and of the history of its migrations. Each options
    /// builder of the context needs it.
    /// </summary>
    public static DbContextOptionsBuilder UseWebhooksNames(this DbContextOptionsBuilder options) => options
        .UseSnakeCaseNamingConvention()
        .UseNpgsql(npgsql => npgsql.MigrationsHistoryTable("schema_versions", WebhooksDb.Schema));

    private static EntraLogin? EntraLoginOf(IConfiguration configuration) =>
        new SectionBinder([]).Read<StorageOptions>(configuration, StorageOptions.Section).Login == DatabaseLogin.Entra
            ? new(configuration["AZURE_CLIENT_ID"])
            : null;

    private static IEnumerable<string> Errors(StorageOptions options, IConfiguration configuration)
    {
        if (options.Login == DatabaseLogin.Entra && configuration.GetConnectionString(ConnectionName) is { } connection
            && !string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(connection).Password))
        {
            yield return
                $"ConnectionStrings:{ConnectionName} has a password, but {StorageOptions.Section}:Login is {options.Login}.";
        }
    }

    private static NpgsqlDataSource DataSource(
        IServiceProvider services, IConfiguration configuration, int connections, EntraLogin? entra, bool leavesNothing)
    {
        var connection = configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not set.");
        var dataSource = new NpgsqlDataSourceBuilder(Capped(connection, connections))
            .UseLoggerFactory(services.GetRequiredService<ILoggerFactory>());

        // Otherwise, Npgsql resets a session that it takes from the pool again. That is a twentieth of the time that Postgres
        // spends on the queue, whose statements change no setting beyond their transaction.
        dataSource.ConnectionStringBuilder.NoResetOnClose |= leavesNothing;
        entra?.Use(dataSource);
        return dataSource.Build();
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
