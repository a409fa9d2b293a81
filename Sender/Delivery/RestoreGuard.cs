using System.Diagnostics;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Whether deliveries wait because the database was restored.</summary>
/// <param name="Paused">True until an administrator resumes them.</param>
/// <param name="Deliveries">
/// How many deliveries are open. Those among them that were delivered after the backup are delivered again, with the same
/// <c>webhook-id</c>.
/// </param>
public sealed record RestoreView(bool Paused, long Deliveries);

/// <summary>
/// Lets deliveries begin. After a restore, some of them would repeat deliveries that were made since the backup, so all wait
/// until an administrator resumes them. A Sender notices a restore at its start: the database is not where a Sender found it
/// last. A timeline that changes while a Sender runs is a failover, and nothing waits.
/// </summary>
public sealed partial class RestoreGuard(
    NpgsqlDataSource database, SchemaMigration schema, AuditLog audit, JobWakeup wakeup, TimeProvider time,
    ILogger<RestoreGuard> logger) : RepeatedService(schema, time)
{
    private const string ReadSql =
        $"select {DatabaseIdentity.PlaceSql} || '/' || {DatabaseIdentity.TimelineSql}, home from webhooks.ledger";

    private const string MoveSql = "update webhooks.ledger set home = $1 where home is not distinct from $2";

    private const string CountSql =
        "select count(*) from webhooks.jobs where kind = 'delivery' and finished_at is null";

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isToldPaused;

    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    /// <summary>Completes when deliveries may begin.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _open.Task.WaitAsync(cancellationToken);

    public async Task<RestoreView> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (here, home) = await ReadAsync(connection, null, cancellationToken);
        return new(home is not null && home != here && !_open.Task.IsCompleted, await CountAsync(connection, cancellationToken));
    }

    /// <summary>Lets deliveries begin in all Senders. Nothing changes when they do not wait.</summary>
    public async Task ResumeAsync(string actor, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (here, home) = await ReadAsync(connection, transaction, cancellationToken);
        if (home != here && await MoveAsync(connection, transaction, here, home, cancellationToken))
        {
            await audit.WriteAsync(
                new(actor, AuditActions.Resume, AuditObjects.Database, here, reason), transaction, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (here, home) = await ReadAsync(connection, null, cancellationToken);
        if (home == here)
        {
            Open();
        }
        else if (home is null || _open.Task.IsCompleted)
        {
            // The first Sender of this database; or a failover.
            await MoveAsync(connection, null, here, home, cancellationToken);
            Open();
        }
        else if (!_isToldPaused)
        {
            LogPaused(logger, await CountAsync(connection, cancellationToken));
            _isToldPaused = true;
        }
    }

    protected override void LogFailed(Exception exception) => LogUnknown(logger, exception);

    protected override void LogAgain(double seconds) => LogKnown(logger, seconds);

    private void Open()
    {
        if (_open.TrySetResult() && _isToldPaused)
        {
            LogResumed(logger);
            wakeup.Notify(JobKind.Delivery);
        }
    }

    private static async Task<(string Here, string? Home)> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetString(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1))
            : throw new UnreachableException("webhooks.ledger has no row.");
    }

    private static async Task<bool> MoveAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, string here, string? home,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MoveSql, connection, transaction);
        command.Parameters.Add(new() { Value = here });
        command.Parameters.Add(new() { Value = (object?)home ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CountSql, connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(EventId = 4401, Level = LogLevel.Warning,
        Message = "The database was restored. {Count} open deliveries wait, because those that were delivered after the "
            + "backup would be repeated. POST /api/v1/admin/restore/resume lets them begin.")]
    private static partial void LogPaused(ILogger logger, long count);

    [LoggerMessage(EventId = 4402, Level = LogLevel.Information, Message = "Deliveries begin on the restored database.")]
    private static partial void LogResumed(ILogger logger);

    [LoggerMessage(EventId = 4403, Level = LogLevel.Warning,
        Message = "The place of the database cannot be read. A Sender that starts now begins no delivery before it can.")]
    private static partial void LogUnknown(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4404, Level = LogLevel.Information,
        Message = "The place of the database can be read again, after {Seconds:0.0} s.")]
    private static partial void LogKnown(ILogger logger, double seconds);
}
