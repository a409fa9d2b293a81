using Aspire.Webhooks.Api;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Stores rejected requests in at most one batch per second and deletes old ones, so that an attacker can neither fill the
/// database nor keep it busy.
/// </summary>
public sealed partial class RejectionWriter(
    RejectionLog log,
    NpgsqlDataSource database,
    SchemaMigration schema,
    IOptions<RejectionOptions> options,
    TimeProvider time,
    ILogger<RejectionWriter> logger) : BackgroundService
{
    private const int BatchSize = 200;

    // No request waits for these rows, so they are committed without a flush. A crash can lose the last ones.
    private const string InsertSql = """
        with lax as materialized (select set_config('synchronous_commit', 'off', true))
        insert into webhooks.rejected_requests (id, source, reason, received_at, remote_address, trace_id)
        select rejected.*
        from unnest($1, $2, $3, $4, $5, $6) as rejected (id, source, reason, received_at, remote_address, trace_id), lax
        """;

    private const string PruneSql = """
        delete from webhooks.rejected_requests
        where id < $1 or id <= (select id from webhooks.rejected_requests order by id desc offset $2 limit 1)
        """;

    private static readonly TimeSpan BatchPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PrunePause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        await Task.WhenAll(StoreAllAsync(stoppingToken), PruneAllAsync(stoppingToken));
    }

    private async Task StoreAllAsync(CancellationToken stoppingToken)
    {
        var batch = new List<RejectedRequest>(BatchSize);
        while (await log.Reader.WaitToReadAsync(stoppingToken))
        {
            while (batch.Count < BatchSize && log.Reader.TryRead(out var rejected))
            {
                batch.Add(rejected);
            }

            try
            {
                await InsertAsync(batch, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                RejectionLog.Drop(batch.Count);
                LogNotStored(logger, batch.Count, exception);
            }

            batch.Clear();
            await Task.Delay(BatchPause, time, stoppingToken);
        }
    }

    private async Task PruneAllAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PrunePause, time);
        do
        {
            try
            {
                await PruneAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotPruned(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task InsertAsync(List<RejectedRequest> batch, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(InsertSql);
        command.Parameters.AddColumn(batch, r => r.Id, NpgsqlDbType.Uuid);
        command.Parameters.AddColumn(batch, r => r.Source, NpgsqlDbType.Text);
        command.Parameters.AddColumn(batch, r => r.Reason, NpgsqlDbType.Text);
        command.Parameters.AddColumn(batch, r => r.ReceivedAt, NpgsqlDbType.TimestampTz);
        command.Parameters.AddColumn(batch, r => r.RemoteAddress, NpgsqlDbType.Text);
        command.Parameters.AddColumn(batch, r => r.TraceId, NpgsqlDbType.Text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(PruneSql);
        command.Parameters.Add(new() { Value = TimeOrderedId.From(time.GetUtcNow() - options.Value.Retention) });
        command.Parameters.Add(new() { Value = options.Value.MaxRows });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(
        EventId = 2301, Level = LogLevel.Warning, Message = "{Count} rejected requests could not be stored and are dropped.")]
    private static partial void LogNotStored(ILogger logger, int count, Exception exception);

    [LoggerMessage(
        EventId = 2302, Level = LogLevel.Warning,
        Message = "Old rejected requests could not be deleted; the next try is in a minute.")]
    private static partial void LogNotPruned(ILogger logger, Exception exception);
}
