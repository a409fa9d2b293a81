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
    /// <summary>The name of the connection string.</summary>
    public const string ConnectionName = "webhooks";

    /// <summary>
    /// Adds <see cref="WebhooksDb"/> for reads, <see cref="NpgsqlDataSource"/> for hot statements, and the migration
    /// that runs at start. The connection string is <c>ConnectionStrings:webhooks</c>.
    /// </summary>
    public static TBuilder AddWebhookStorage<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddNpgsqlDbContext<WebhooksDb>(ConnectionName, configureDbContextOptions: options =>
            options.UseNpgsql(npgsql => npgsql.MigrationsHistoryTable("schema_versions", WebhooksDb.Schema)));

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => DataSource(services, builder.Configuration));
        builder.Services.AddSingleton<SchemaMigration>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SchemaMigration>());
        builder.Services.AddHealthChecks().AddCheck<SchemaMigration>("schema");
        return builder;
    }

    private static NpgsqlDataSource DataSource(IServiceProvider services, IConfiguration configuration)
    {
        var connection = configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not set.");
        return new NpgsqlDataSourceBuilder(connection)
            .UseLoggerFactory(services.GetRequiredService<ILoggerFactory>())
            .Build();
    }
}
