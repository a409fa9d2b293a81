using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// Brings the schema up to date in the background, from whichever service comes first, so that a service starts with
/// Postgres down and catches up when it returns. Not ready until then.
/// </summary>
public sealed partial class SchemaMigration(
    IServiceScopeFactory scopes, SecretExchange secrets, TimeProvider time, ILogger<SchemaMigration> logger)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the schema is up to date.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _done.Task.WaitAsync(cancellationToken);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_done.Task.IsCompleted ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The schema is not up to date yet."));

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
            await using var scope = scopes.CreateAsyncScope();
            await MigrateAsync(scope.ServiceProvider.GetRequiredService<WebhooksDb>(), cancellationToken);

            // Whoever waits for the schema handles what strangers wrote, and must know all secrets before.
            await secrets.BeginAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception);
            return false;
        }
    }

    // EF locks its history table, but only once it exists: services that start together on an empty database
    // would race to create it. The advisory lock is the schema's name as a number.
    private static async Task MigrateAsync(WebhooksDb db, CancellationToken cancellationToken)
    {
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5));
        await db.Database.OpenConnectionAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync("select pg_advisory_lock(hashtext('webhooks'))", cancellationToken);

        // Without its history table, EF asks for it and Postgres logs an error: nothing for a first start.
        await db.Database.ExecuteSqlRawAsync("create schema if not exists webhooks", cancellationToken);
        await db.Database.ExecuteSqlRawAsync(db.GetService<IHistoryRepository>().GetCreateIfNotExistsScript(), cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);

        // Not in a finally: with Postgres gone it would go through a minute of retries, which a stop would wait for. After
        // a failure the lock goes with its connection, at the latest when the next try takes that from the pool.
        await db.Database.ExecuteSqlRawAsync("select pg_advisory_unlock(hashtext('webhooks'))", cancellationToken);
        await db.Database.CloseConnectionAsync();
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "The schema could not be brought up to date; trying again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
