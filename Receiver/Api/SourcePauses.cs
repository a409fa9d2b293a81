using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Receiver.Api;

/// <summary>
/// Pauses and resumes sources. Events of a paused source are verified, stored and answered as always. Their jobs wait, because
/// the lane of the source is held. Tasks that exist already go on: their lane is another one.
/// </summary>
public sealed class SourcePauses(NpgsqlDataSource database, JobWakeup wakeup, AuditLog audit)
{
    /// <summary><c>webhook.sources.paused</c>: the number of paused sources.</summary>
    public static readonly DatabaseGauges Paused = new(
        "select count(*)::float8 from webhooks.lanes where kind = 'event' and held_until = 'infinity'",
        WebhookTelemetry.Meter.CreateGauge<double>(
            "webhook.sources.paused", "{source}", "Sources whose events wait because an operator paused them."));

    private const string PausedAtSql = "select paused_at from webhooks.lanes where kind = 'event' and lane = $1";

    /// <summary>Pauses a source. Nothing changes when it is paused already.</summary>
    public async Task PauseAsync(string source, string reason, string actor, CancellationToken cancellationToken) =>
        await ChangeAsync(
            JobLanes.Pause(JobKind.Event, source), new(actor, AuditActions.Pause, AuditObjects.Source, source, reason),
            cancellationToken);

    /// <summary>Resumes a source and wakes the Worker.</summary>
    /// <returns>False when it was not paused; nothing changes then.</returns>
    public async Task<bool> ResumeAsync(string source, string reason, string actor, CancellationToken cancellationToken)
    {
        var act = new AuditAct(actor, AuditActions.Resume, AuditObjects.Source, source, reason);
        if (!await ChangeAsync(JobLanes.Resume(JobKind.Event, source), act, cancellationToken))
        {
            return false;
        }

        wakeup.Notify(JobKind.Event, [source]);
        return true;
    }

    /// <summary>Returns when a source was paused; null when it is not.</summary>
    public async Task<DateTimeOffset?> FindAsync(string source, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(PausedAtSql);
        command.Parameters.Add(new() { Value = source });
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime at ? new DateTimeOffset(at) : null;
    }

    private async Task<bool> ChangeAsync(NpgsqlBatchCommand change, AuditAct act, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await transaction.ExecuteAsync([change], cancellationToken);
        if (change.RecordsAffected == 0)
        {
            return false;
        }

        await audit.WriteAsync(act, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
