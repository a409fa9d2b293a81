using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Identifies the history that commits belong to. A commit of one timeline may be missing on another.</summary>
/// <param name="Name">The id of the ledger, where it is, and the timeline of the server.</param>
/// <param name="Since">The time at which it was first read, on the clock of <see cref="IntakeItem.Since"/>.</param>
public sealed record Timeline(string Name, TimeSpan Since)
{
    /// <summary>
    /// Whether a committed event can be remembered under this timeline. An event that arrived earlier may have been committed
    /// on the previous timeline and be missing on this one.
    /// </summary>
    public bool Covers(IntakeItem item) => item.Since >= Since;
}

/// <summary>
/// Reads the timeline of the database. A failover, a point-in-time recovery or the restore of a dump starts a new one, on which
/// commits of the previous one may be missing.
/// </summary>
public sealed partial class LedgerTimeline(NpgsqlDataSource database, TimeProvider time, ILogger<LedgerTimeline> logger)
{
    private const string Sql =
        $"select id || '/' || {DatabaseIdentity.PlaceSql} || '/' || {DatabaseIdentity.TimelineSql} from webhooks.ledger";

    private const int TimeoutSeconds = 1;

    // The timeline is polled because no event reports a failover: a pooler keeps its clients' connections, and a Receiver that
    // gets only duplicates uses none.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Outage _outage = new(time);
    private Timeline? _last;
    private TimeSpan? _readAt;
    private bool _isKnown;

    /// <summary>
    /// Returns the timeline, at most a second old; null when the database does not answer. Blocks, and never throws.
    /// </summary>
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
        Message = "The database's timeline is unknown; until it is known, only the unique key in Postgres detects duplicates.")]
    private static partial void LogUnknown(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2114, Level = LogLevel.Information,
        Message = "The database's timeline is known again, after {Seconds:0.0} s.")]
    private static partial void LogKnown(ILogger logger, double seconds);
}
