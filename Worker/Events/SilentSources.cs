using Aspire.Webhooks.Messages;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>
/// Tells operators of sources that have sent nothing for longer than they may. Each silence is told once, whichever process
/// finds it, because the message has the last event as its key. A source that never sent anything is not missed.
/// </summary>
public sealed partial class SilentSources(
    IOptions<OperatorOptions> options, OperatorEvents operators, NpgsqlDataSource database, SchemaMigration schema,
    TimeProvider time, ILogger<SilentSources> logger) : BackgroundService
{
    private static readonly string LastSql =
        $"select id, received_at from ({LatestOfSource.Sql("inbound_events", "$1")}) latest where source = $1";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Guid> _told = new(StringComparer.Ordinal);
    private readonly Outage _outage = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var missed = options.Value.Sources.Where(source => source.Value.SilentAfter is not null).ToList();
        if (!operators.IsOn || missed.Count == 0)
        {
            return;
        }

        await schema.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            var isRead = true;
            foreach (var (source, settings) in missed)
            {
                isRead &= await TryLookAsync(source, settings.SilentAfter!.Value, stoppingToken);
            }

            if (isRead && _outage.Ends() is { } lasted)
            {
                LogReadAgain(logger, lasted.TotalSeconds);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> TryLookAsync(string source, TimeSpan silentAfter, CancellationToken cancellationToken)
    {
        try
        {
            if (await LastAsync(source, cancellationToken) is { } last && time.GetUtcNow() - last.At > silentAfter
                && _told.GetValueOrDefault(source) != last.Id)
            {
                await TellAsync(source, silentAfter, last.Id, last.At, cancellationToken);
                _told[source] = last.Id;
            }

            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (_outage.Begins())
            {
                LogNotRead(logger, source, exception);
            }

            return false;
        }
    }

    private async Task<(Guid Id, DateTimeOffset At)?> LastAsync(string source, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(LastSql);
        command.Parameters.Add(new() { Value = source });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetGuid(0), await reader.GetFieldValueAsync<DateTimeOffset>(1, cancellationToken))
            : null;
    }

    private async Task TellAsync(
        string source, TimeSpan silentAfter, Guid lastId, DateTimeOffset lastAt, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await operators.PublishAsync(
            OperatorEvents.SourceSilent,
            $"{source}:{lastId}",
            "/sources",
            new
            {
                Source = source, LastEventId = lastId, LastEventAt = lastAt, SilentAfterSeconds = silentAfter.TotalSeconds,
            },
            transaction,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    [LoggerMessage(
        EventId = 3011, Level = LogLevel.Warning, Message = "Whether {Source} is silent cannot be read; it is tried again.")]
    private static partial void LogNotRead(ILogger logger, string source, Exception exception);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Information,
        Message = "Whether sources are silent can be read again, after {Seconds:0.0} s.")]
    private static partial void LogReadAgain(ILogger logger, double seconds);
}
