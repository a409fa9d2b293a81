using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// Updates the schema in the background; the service that comes first does it, or nobody by <see cref="SchemaUpdate.Never"/>. A
/// service also starts while Postgres is down. It is not ready until the schema is up to date.
/// </summary>
public sealed partial class SchemaMigration(
    NpgsqlDataSource database,
    IServiceScopeFactory scopes,
    SecretExchange secrets,
    IOptions<StorageOptions> options,
    TimeProvider time,
    ILogger<SchemaMigration> logger)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private static readonly string[] Versions =
        [.. typeof(WebhooksDb).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Migration)))
            .Select(type => type.GetCustomAttribute<MigrationAttribute>()!.Id)];

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isWaiting;

    /// <summary>Completes when the schema is up to date.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _done.Task.WaitAsync(cancellationToken);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_done.Task.IsCompleted
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The schema is not up to date yet."));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TryMigrateAsync(stoppingToken))
        {
            await Task.Delay(RetryDelay, time, stoppingToken);
        }

        _done.SetResult();
    }

    private async Task<bool> TryMigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            var isUpToDate = await IsUpToDateAsync(cancellationToken);
            if (!isUpToDate && options.Value.Migrate == SchemaUpdate.Never)
            {
                if (!_isWaiting)
                {
                    LogWaiting(logger);
                }

                _isWaiting = true;
                return false;
            }

            if (!isUpToDate)
            {
                await using var scope = scopes.CreateAsyncScope();
                await MigrateAsync(scope.ServiceProvider.GetRequiredService<WebhooksDb>(), cancellationToken);
            }

            // Code that waits for the schema handles text from outside. All secrets must be known before, to be redacted.
            await secrets.BeginAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (
            exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception);
            return false;
        }
    }

    // Without EF, which builds its model first: a third of the processor time that a service needs to become ready.
    private async Task<bool> IsUpToDateAsync(CancellationToken cancellationToken)
    {
        await using var exists = database.CreateCommand("select to_regclass('webhooks.schema_versions') is not null");
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return false;
        }

        await using var missing = database.CreateCommand("""
            select exists (select unnest($1) except select migration_id from webhooks.schema_versions)
            """);
        missing.Parameters.Add(new() { Value = Versions });
        return await missing.ExecuteScalarAsync(cancellationToken) is false;
    }

    // EF locks its history table only once it exists. Without another lock, services that start together on an empty database
    // would race to create it. The key of the advisory lock is the hash of the schema's name.
    internal static async Task MigrateAsync(WebhooksDb db, CancellationToken cancellationToken)
    {
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5));
        await db.Database.OpenConnectionAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync("select pg_advisory_lock(hashtext('webhooks'))", cancellationToken);

        // If the history table does not exist, EF queries it all the same, and Postgres logs an error. So it is created first.
        await db.Database.ExecuteSqlRawAsync("create schema if not exists webhooks", cancellationToken);
        await db.Database.ExecuteSqlRawAsync(db.GetService<IHistoryRepository>().GetCreateIfNotExistsScript(), cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);

        // Not in a finally: while Postgres is away it would be retried for a minute, and a stop would wait for that. After a
        // failure the lock ends with its connection, at the latest when the next try takes it from the pool.
        await db.Database.ExecuteSqlRawAsync("select pg_advisory_unlock(hashtext('webhooks'))", cancellationToken);
        await db.Database.CloseConnectionAsync();
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "The schema could not be updated; retrying.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning,
        Message = "The schema is older than this service, which may not update it. Waiting for the command migrate.")]
    private static partial void LogWaiting(ILogger logger);
}
