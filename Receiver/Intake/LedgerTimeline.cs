using Aspire.Webhooks.ServiceDefaults.Logging;
using Npgsql;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>What commits belong to, so that those of one timeline are never taken for those of another.</summary>
/// <param name="Name">The ledger's id and the server's timeline.</param>
/// <param name="Since">When it was first read, on the clock of <see cref="IntakeItem.Since"/>.</param>
public sealed record Timeline(string Name, TimeSpan Since)
{
    /// <summary>
    /// Whether an event that is committed by now can be remembered under it. One that came before may have been committed on the
    /// timeline before, and be missing on this one.
    /// </summary>
    public bool Covers(IntakeItem item) => item.Since >= Since;
}

/// <summary>
/// The timeline that the database is on. A failover and a restore to a point in time begin another one, on which commits of the
/// one before may be missing.
/// </summary>
public sealed partial class LedgerTimeline(NpgsqlDataSource database, TimeProvider time, ILogger<LedgerTimeline> logger)
{
    // Every role may ask for it. A server in recovery refuses, which is right: nothing can be committed there. Its control file
    // would tell of a promotion only after a checkpoint.
    private const string Sql = "select id::text || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) from webhooks.ledger";

    private const int TimeoutSeconds = 1;

    // Asked again and again, since no event tells of a failover: a pooler keeps its clients' connections through it, and a
    // Receiver that gets nothing but duplicates uses none.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Outage _outage = new(time);
    private Timeline? _last;
    private TimeSpan? _readAt;
    private bool _isKnown;

    /// <summary>The timeline of a second ago at most; null when the database does not say. Blocks, and never throws.</summary>
    public Timeline? Read()
    {
        lock (_lock)
        {
            if (_readAt is not { } at || time.GetElapsedTime(0) - at >= Fresh)
            {
                _isKnown = TryRead();
                _readAt = time.GetElapsedTime(0);
            }

            return _isKnown ? _last : null;
        }
    }

    private bool TryRead()
    {
        try
        {
            using var command = database.CreateCommand(Sql);
            command.CommandTimeout = TimeoutSeconds;
            var name = command.ExecuteScalar() as string ?? throw new InvalidOperationException("webhooks.ledger has no row.");
            if (name != _last?.Name)
            {
                _last = new(name, time.GetElapsedTime(0));
            }
        }
        catch (Exception exception)
        {
            ReceiveMetrics.HintFailed("database");
            if (_outage.Begins())
            {
                LogUnknown(logger, exception);
            }

            return false;
        }

        if (_outage.Ends() is { } lasted)
        {
            LogKnown(logger, lasted.TotalSeconds);
        }

        return true;
    }

    [LoggerMessage(EventId = 2113, Level = LogLevel.Warning,
        Message = "The database does not tell its timeline; until it does, its unique key alone knows duplicates.")]
    private static partial void LogUnknown(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2114, Level = LogLevel.Information,
        Message = "The database tells its timeline again, after {Seconds:0.0} s.")]
    private static partial void LogKnown(ILogger logger, double seconds);
}
