using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Takes what waits, drops what is known to be committed, commits the rest at once, and answers all. Requests that
/// arrive during a commit make the next batch, so batches grow with load by themselves.
/// </summary>
/// <remarks>
/// Each writer is a thread of its own: on the pool's threads, each step of a commit would wait behind the requests that have
/// just come in, of which there are thousands when it matters most.
/// </remarks>
public sealed partial class IntakeWriter(
    IntakeQueue queue,
    EventLedger ledger,
    IDedupeHint hint,
    JobWakeup wakeup,
    SchemaMigration schema,
    IOptions<IntakeOptions> options,
    TimeProvider time,
    ILogger<IntakeWriter> logger) : BackgroundService, IHealthCheck
{
    // The hint saves Postgres a duplicate, and costs every other event a round trip: it is asked while duplicates come.
    private static readonly TimeSpan AskAfterDuplicate = TimeSpan.FromSeconds(10);

    private readonly Outage _outage = new(time);
    private readonly CountdownEvent _cold = new(options.Value.Writers);
    private long _lastDuplicate;

    /// <summary>Ready when every writer has connected and prepared.</summary>
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

        // Kestrel is stopped before this service, so that nothing comes into the line any more when the token is cancelled.
        await using var stopping = stoppingToken.Register(queue.Close);
        await Task.WhenAll(writers);
    }

    private void Write()
    {
        WarmUp();
        _cold.Signal();
        var batch = new List<IntakeItem>(options.Value.BatchSize);
        while (queue.Take(batch))
        {
            queue.Done(batch, Store(batch));
            batch.Clear();
        }
    }

    // A first commit connects, prepares and compiles what others find done: nobody should wait for that.
    private void WarmUp()
    {
        try
        {
            ledger.Insert([]);
        }
        catch (Exception exception) when (_outage.Begins())
        {
            LogNotStored(logger, exception);
        }
        catch
        {
            // The first failure is told.
        }
    }

    private int Store(List<IntakeItem> batch)
    {
        try
        {
            var unknown = DropKnown(batch);
            if (unknown.Count == 0)
            {
                return 0;
            }

            var duplicates = ledger.Insert(unknown);
            unknown.ForEach(item => item.Answer(duplicates.Contains(item) ? IntakeResult.Duplicate : IntakeResult.Accepted));
            if (_outage.Ends() is { } lasted)
            {
                LogStoredAgain(logger, lasted.TotalSeconds);
            }

            if (duplicates.Count < unknown.Count)
            {
                wakeup.Notify(JobKind.Event, [.. unknown.Select(item => item.Event.Source).Distinct(StringComparer.Ordinal)]);
            }

            if (duplicates.Count > 0)
            {
                Volatile.Write(ref _lastDuplicate, time.GetTimestamp());
            }

            hint.Remember(unknown);
            return unknown.Count - duplicates.Count;
        }
        catch (Exception exception)
        {
            batch.ForEach(item => item.Answer(IntakeResult.Unavailable));
            if (_outage.Begins())
            {
                LogNotStored(logger, exception);
            }

            return 0;
        }
    }

    private List<IntakeItem> DropKnown(List<IntakeItem> batch)
    {
        if (Volatile.Read(ref _lastDuplicate) is var last && (last == 0 || time.GetElapsedTime(last) > AskAfterDuplicate))
        {
            return batch;
        }

        var known = hint.Known(batch);
        var unknown = new List<IntakeItem>(batch.Count);
        for (var at = 0; at < batch.Count; at++)
        {
            if (known[at])
            {
                Volatile.Write(ref _lastDuplicate, time.GetTimestamp());
                batch[at].Answer(IntakeResult.Duplicate);
            }
            else
            {
                unknown.Add(batch[at]);
            }
        }

        return unknown;
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Error,
        Message = "Events cannot be stored; from now on their senders are asked to try again.")]
    private static partial void LogNotStored(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "Events are stored again, after {Seconds:0.0} s.")]
    private static partial void LogStoredAgain(ILogger logger, double seconds);
}
