using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Takes waiting events, drops those that the hint knows, commits the rest together and answers all of them. Requests that
/// arrive during a commit form the next batch, so batches grow with the load.
/// </summary>
/// <remarks>
/// Each writer has its own thread. On the thread pool, each step of a commit would queue behind new requests, of which there
/// are thousands when it matters most.
/// </remarks>
public sealed partial class IntakeWriter(
    IntakeQueue queue,
    IdempotentStore store,
    IDedupeHint hint,
    JobWakeup wakeup,
    SchemaMigration schema,
    IOptions<IntakeOptions> options,
    TimeProvider time,
    ILogger<IntakeWriter> logger) : BackgroundService, IHealthCheck
{
    // The hint costs a round trip for every event and saves work only for duplicates, so it is asked only while duplicates
    // arrive.
    private static readonly TimeSpan AskAfterDuplicate = TimeSpan.FromSeconds(10);

    private readonly Outage _outage = new(time);
    private readonly CountdownEvent _cold = new(options.Value.Writers);
    private long _lastDuplicate;

    /// <summary>Reports healthy when every writer has connected and prepared its statement.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_cold.IsSet ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The writers are not ready."));

    public override void Dispose()
    {
        _cold.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        var writers = Enumerable.Range(0, options.Value.Writers)
            .Select(_ => Task.Factory.StartNew(
                Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToArray();

        // Kestrel stops before this service, so no more events enter the line after the token is cancelled.
        await using var stopping = stoppingToken.Register(queue.Close);

        // A writer that fails stops the service at once. The others would go on with less throughput, and nothing would show it.
        await await Task.WhenAny(writers);
        await Task.WhenAll(writers);
    }

    private void Write()
    {
        WarmUp();
        _cold.Signal();
        var batch = new List<IntakeItem>(options.Value.BatchSize);
        while (queue.Take(batch))
        {
            var results = Store(batch);
            queue.Done(batch, results);
            Remember(batch, results);
            batch.Clear();
        }
    }

    // The first commit connects, prepares and compiles. No request should wait for that.
    private void WarmUp()
    {
        try
        {
            store.Insert([]);
        }
        catch (Exception exception) when (_outage.Begins())
        {
            LogNotStored(logger, exception);
        }
        catch
        {
            // Only the first failure of an outage is logged.
        }
    }

    // Returns the results by position. Events that the hint knows are not committed.
    private IntakeResult[] Store(List<IntakeItem> batch)
    {
        var results = new IntakeResult[batch.Count];
        Array.Fill(results, IntakeResult.Unavailable);
        try
        {
            var unknown = Unknown(batch, results);
            if (unknown.Count > 0)
            {
                Commit(batch, unknown, results);
            }
        }
        catch (Exception exception)
        {
            if (_outage.Begins())
            {
                LogNotStored(logger, exception);
            }
        }

        return results;
    }

    private void Commit(List<IntakeItem> batch, List<int> unknown, IntakeResult[] results)
    {
        List<IntakeItem> items = unknown.Count == batch.Count ? batch : [.. unknown.Select(at => batch[at])];
        var committed = Insert(items);
        for (var at = 0; at < items.Count; at++)
        {
            results[unknown[at]] = committed[at];
        }

        if (_outage.Ends() is { } lasted)
        {
            LogStoredAgain(logger, lasted.TotalSeconds);
        }

        if (committed.Contains(IntakeResult.Accepted))
        {
            wakeup.Notify(JobKind.Event, [.. items.Select(item => item.Event.Source).Distinct(StringComparer.Ordinal)]);
        }

        if (committed.Contains(IntakeResult.Duplicate))
        {
            Volatile.Write(ref _lastDuplicate, time.GetTimestamp());
        }
    }

    private IntakeResult[] Insert(List<IntakeItem> items)
    {
        try
        {
            return store.Insert(items);
        }
        catch (Exception exception) when (items.Count > 1 && IsOfOneRow(exception))
        {
            return InsertOneByOne(items, exception);
        }
    }

    // An event that the database refuses must not fail the others of its batch.
    private IntakeResult[] InsertOneByOne(List<IntakeItem> items, Exception reason)
    {
        var results = new IntakeResult[items.Count];
        var refused = new List<(InboundEvent Event, Exception Reason)>();
        for (var at = 0; at < results.Length; at++)
        {
            try
            {
                results[at] = store.Insert([items[at]])[0];
            }
            catch (Exception exception) when (IsOfOneRow(exception))
            {
                results[at] = IntakeResult.Unavailable;
                refused.Add((items[at].Event, exception));
            }
        }

        // If all of them fail, the cause is the database and not a row.
        if (refused.Count == items.Count)
        {
            throw reason;
        }

        foreach (var (inbound, why) in refused)
        {
            LogRefused(logger, inbound.Source, inbound.Id, why);
        }

        return results;
    }

    // Errors that a value can cause: data exceptions, constraints and limits of a row (classes 22, 23 and 54 of Postgres's
    // appendix A), and text that the client cannot encode. Any other error would also affect the next row.
    private static bool IsOfOneRow(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } => state[..2] is "22" or "23" or "54",
        NpgsqlException => false,
        _ => true,
    };

    // Returns the positions of the events that the hint does not know.
    private List<int> Unknown(List<IntakeItem> batch, IntakeResult[] results)
    {
        List<int> unknown = [.. Enumerable.Range(0, batch.Count)];
        if (Volatile.Read(ref _lastDuplicate) is var last && (last == 0 || time.GetElapsedTime(last) > AskAfterDuplicate))
        {
            return unknown;
        }

        // Only the database knows how long ago a digest was committed.
        var known = hint.Known(batch).Select((isKnown, at) => isKnown && batch[at].Window is null).ToArray();
        if (unknown.RemoveAll(at => known[at]) > 0)
        {
            Volatile.Write(ref _lastDuplicate, time.GetTimestamp());
        }

        for (var at = 0; at < batch.Count; at++)
        {
            results[at] = known[at] ? IntakeResult.Duplicate : results[at];
        }

        return unknown;
    }

    // This runs after the answers, so no sender waits for it.
    private void Remember(List<IntakeItem> batch, IntakeResult[] results)
    {
        List<IntakeItem> committed =
        [
            .. batch.Where((item, at) =>
                item.Window is null && results[at] is IntakeResult.Accepted or IntakeResult.Duplicate),
        ];
        if (committed.Count > 0)
        {
            hint.Remember(committed);
        }
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Error,
        Message = "Events cannot be stored; their senders are asked to try again until the database accepts events.")]
    private static partial void LogNotStored(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Error,
        Message = "The database refuses an event of {Source}, {EventId}; its sender is asked to try again.")]
    private static partial void LogRefused(ILogger logger, string source, Guid eventId, Exception exception);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "Events are stored again, after {Seconds:0.0} s.")]
    private static partial void LogStoredAgain(ILogger logger, double seconds);
}
