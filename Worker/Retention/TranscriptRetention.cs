using Aspire.Webhooks.Api;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>
/// Deletes old files of transcripts, and the lines of events and tasks that were erased, in the folder of its process.
/// </summary>
public sealed partial class TranscriptRetention(
    Transcript transcript, NpgsqlDataSource database, SchemaMigration schema, IOptions<RetentionOptions> options,
    TimeProvider time, ILogger<TranscriptRetention> logger) : RepeatedService(schema, time)
{
    private const string ErasedSql = """
        select id, at, object_id::uuid from webhooks.audit
        where id > $1 and action = 'erase' and object_kind in ('event', 'task') order by id
        """;

    // A step is stored before its line is written.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(2);

    // Ids are made by the clocks of other processes, and committed in any order. So the last hour is read each time.
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    private readonly HashSet<Guid> _seen = [];
    private DateTimeOffset? _since;

    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        transcript.IsKept ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        DeleteOld();
        await EraseAsync(cancellationToken);
    }

    protected override void LogFailed(Exception exception) => LogFailed(logger, exception);

    protected override void LogAgain(double seconds) => LogAgain(logger, seconds);

    private void DeleteOld()
    {
        TimeSpan[] limits = [options.Value.Steps, .. options.Value.Sources.Values.Select(source => source.Steps ?? default)];
        if (limits.Where(limit => limit > TimeSpan.Zero).ToList() is not { Count: > 0 } set)
        {
            return;
        }

        var oldest = DateOnly.FromDateTime((Time.GetUtcNow() - set.Min()).UtcDateTime);
        foreach (var (_, path) in transcript.Files().Where(file => file.Day < oldest))
        {
            File.Delete(path);
        }
    }

    private async Task EraseAsync(CancellationToken cancellationToken)
    {
        var files = transcript.Files();
        if (files.Count == 0)
        {
            return;
        }

        // An erasure from before the first line has nothing to erase.
        var now = Time.GetUtcNow();
        _since ??= new DateTimeOffset(files.Min(file => file.Day), default, TimeSpan.Zero) - Overlap;
        var erased = new HashSet<Guid>();
        var ready = new List<Guid>();
        await using (var command = database.CreateCommand(ErasedSql))
        {
            command.Parameters.Add(new() { Value = TimeOrderedId.From(_since.Value) });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (reader.GetFieldValue<DateTimeOffset>(1) + Late <= now && !_seen.Contains(reader.GetGuid(0)))
                {
                    ready.Add(reader.GetGuid(0));
                    erased.Add(reader.GetGuid(2));
                }
            }
        }

        if (erased.Count > 0)
        {
            foreach (var (_, path) in files)
            {
                await transcript.LeaveOutAsync(path, erased, cancellationToken);
            }
        }

        _seen.UnionWith(ready);
        _since = now - Overlap;
        _seen.RemoveWhere(id => id.CompareTo(TimeOrderedId.From(_since.Value - Overlap)) < 0);
    }

    [LoggerMessage(EventId = 3611, Level = LogLevel.Warning,
        Message = "Old or erased lines of transcripts cannot be deleted; retrying.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3612, Level = LogLevel.Information,
        Message = "Lines of transcripts can be deleted again, after {Seconds:0.0} s.")]
    private static partial void LogAgain(ILogger logger, double seconds);
}
