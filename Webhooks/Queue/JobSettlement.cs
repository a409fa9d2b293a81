using System.Globalization;
using System.Threading.Channels;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Queue;

/// <summary>A job and the outcome of its run.</summary>
internal sealed record Settlement(LeasedJob Job, JobOutcome Outcome)
{
    /// <summary>Whether the lane is slow from now on; null leaves it as it is.</summary>
    public bool? IsSlow { get; init; }

    /// <summary>Called when the job is settled, or when settling it is given up.</summary>
    public Action? Ended { get; init; }

    public (long, Guid) Key => (Job.Id, Job.LeaseToken);

    /// <summary>Whether it writes anything for the next stage, which the database can refuse.</summary>
    public bool HandsOver => Outcome is { Writes.Count: > 0 } or { Handover: not null };

    /// <summary>The commands that note whether the lane is slow.</summary>
    public IEnumerable<NpgsqlBatchCommand> OfLane(JobKind kind) => IsSlow switch
    {
        true => [JobLanes.Slow(kind, Job.Lane)],
        false => [JobLanes.Quick(kind, Job.Lane)],
        null => [],
    };
}

/// <summary>
/// Settles jobs: running ──settle──► done, ignored, buried, waiting, or pending again. Outcomes that are ready at the same time
/// share a transaction. Those that come during its commit make the next one, so a single outcome does not wait for others.
/// </summary>
/// <param name="kind">The kind of job.</param>
/// <param name="database">The database of the jobs.</param>
/// <param name="leases">The leases of the pump, which are renewed until the jobs are settled.</param>
/// <param name="wakeup">Wakes the pumps of the jobs that were handed over.</param>
/// <param name="failed">Returns the outcome of a job whose handover was refused.</param>
/// <param name="postponed">Called with the lane and the delay of a job that is due again later.</param>
/// <param name="time">The clock of the pauses in an outage.</param>
/// <param name="logger">The log of the pump.</param>
internal sealed class JobSettlement(
    JobKind kind, NpgsqlDataSource database, JobLeases leases, JobWakeup wakeup, Func<LeasedJob, Exception, JobOutcome> failed,
    Action<string, TimeSpan> postponed, TimeProvider time, ILogger logger)
{
    private const int MaxBatch = 500;
    private const int MaxErrorLength = 4096;

    // The handovers of a batch run one after the other on its connection. So there are several connections.
    private const int Writers = 3;

    // Work that is done but not settled is done again after a crash. When so many outcomes are not settled, places wait.
    private const int MaxUnsettled = 2000;

    private const string SettleSql = """
        update webhooks.jobs job
        set state = outcome.state,
            due_at = case when outcome.state in ('pending', 'waiting') then now() + outcome.delay else due_at end,
            last_error = coalesce(outcome.error, last_error),
            attempt = attempt - outcome.uncounted, failures = failures + outcome.failed,
            lease_token = null, lease_until = null,
            finished_at = case when outcome.state in ('pending', 'waiting') then null else now() end
        from unnest($1, $2, $3, $4, $5, $6, $7) as outcome (id, token, state, delay, error, uncounted, failed)
        where job.id = outcome.id and job.lease_token = outcome.token
        returning job.id, outcome.token
        """;

    // A handover that waits for a lock must not hold up the others for long. After this time each outcome of the batch is settled
    // alone, and the one that met the lock is tried again later.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Channel<Settlement> _ready = Channel.CreateBounded<Settlement>(MaxUnsettled);
    private readonly Channel<Settlement> _locked = Channel.CreateBounded<Settlement>(MaxUnsettled);
    private readonly Outage _outage = new(time);

    /// <summary>
    /// Settles several jobs with their handovers in one transaction: all whose leases are held or, when it throws, none.
    /// </summary>
    /// <param name="database">The database of the jobs.</param>
    /// <param name="kind">The kind of job.</param>
    /// <param name="settlements">Runs of jobs. Of two runs of one job, at most one holds the lease.</param>
    /// <param name="patience">How long to wait for a lock that another transaction has; it can be infinite.</param>
    /// <param name="cancellationToken">Cancels the transaction.</param>
    /// <returns>The runs whose leases were held. Nothing was changed for the others.</returns>
    public static async Task<IReadOnlySet<(long, Guid)>> CommitAsync(
        NpgsqlDataSource database, JobKind kind, IReadOnlyList<Settlement> settlements, TimeSpan patience,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (settlements.All(one => one is { HandsOver: false, IsSlow: null }))
        {
            // One round trip: a batch of commands is a transaction by itself.
            return await EndLeasesAsync(settlements, patience, connection, null, cancellationToken);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var held = await EndLeasesAsync(settlements, patience, connection, transaction, cancellationToken);

        // Handovers usually lock rows of their lane. In one order of lanes, two batches do not deadlock.
        Settlement[] ours =
            [.. settlements.Where(one => held.Contains(one.Key)).OrderBy(one => one.Job.Lane, StringComparer.Ordinal)];
        var writes = JobWrite.Commands(ours.SelectMany(one => one.Outcome.Writes));
        if (writes.Length > 0)
        {
            await transaction.ExecuteAsync(writes, cancellationToken);
        }

        foreach (var one in ours)
        {
            if (one.Outcome.Handover is { } handover)
            {
                await handover(transaction, cancellationToken);
            }
        }

        // Lanes last: all code locks a lane after the source or endpoint that it stands for.
        var lanes = ours.SelectMany(one => one.OfLane(kind)).ToArray();
        if (lanes.Length > 0)
        {
            await transaction.ExecuteAsync(lanes, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return held;
    }

    /// <summary>Adds an outcome. It waits while too many outcomes are not settled.</summary>
    public ValueTask AddAsync(Settlement settlement) => _ready.Writer.WriteAsync(settlement);

    /// <summary>Settles outcomes until <see cref="Complete"/>, and all that were added before.</summary>
    /// <param name="cancellationToken">Gives up the outcomes that cannot be settled.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var locked = WriteLockedAsync(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(cancellationToken)));
        _locked.Writer.Complete();
        await locked;
    }

    public void Complete() => _ready.Writer.Complete();

    private static async Task<HashSet<(long, Guid)>> EndLeasesAsync(
        IReadOnlyList<Settlement> settlements, TimeSpan patience, NpgsqlConnection connection, NpgsqlTransaction? transaction,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        var milliseconds = patience == Timeout.InfiniteTimeSpan ? 0 : (int)patience.TotalMilliseconds;
        batch.BatchCommands.Add(new($"select set_config('lock_timeout', $1, true), {JobSql.PlanSettings}")
        {
            Parameters = { new() { Value = milliseconds.ToString(CultureInfo.InvariantCulture) } },
        });

        // All code locks jobs in the order of their ids.
        Settlement[] ordered = [.. settlements.OrderBy(one => one.Job.Id)];
        var settle = new NpgsqlBatchCommand(SettleSql);
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Job.Id) });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Job.LeaseToken) });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Outcome.State) });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Outcome.Delay) });
        settle.Parameters.Add(new()
        {
            Value = Array.ConvertAll(ordered, one => Storable(one.Outcome.Error)),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Outcome.CountsAsAttempt ? 0 : 1) });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Outcome.Failed ? 1 : 0) });
        batch.BatchCommands.Add(settle);

        // Done once per pooled connection: planning the settlement of one job takes longer than running it.
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var held = new HashSet<(long, Guid)>(settlements.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add((reader.GetInt64(0), reader.GetGuid(1)));
        }

        return held;
    }

    // The text of an error can contain any character. Postgres refuses NUL, and that must not keep a job from being settled.
    internal static string? Storable(string? error) => error is null ? null : StorableText.CodePoints(error, MaxErrorLength);

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var batch = new List<Settlement>(MaxBatch);
        while (await _ready.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MaxBatch && _ready.Reader.TryRead(out var ready))
            {
                batch.Add(ready);
            }

            // The batch is empty when another writer was faster.
            if (batch.Count > 0)
            {
                await SettleTogetherAsync(batch, cancellationToken);
                batch.Clear();
            }
        }
    }

    // Settles the outcomes that wait for locks, one after the other. However many they are, they occupy no other writer.
    private async Task WriteLockedAsync(CancellationToken cancellationToken)
    {
        var locked = new Queue<Settlement>();
        while (locked.Count > 0 || await _locked.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (locked.Count < MaxUnsettled && _locked.Reader.TryRead(out var one))
            {
                locked.Enqueue(one);
            }

            if (locked.TryDequeue(out var next) && await TrySettleAsync(next, cancellationToken) is { } again)
            {
                locked.Enqueue(again);
            }
        }
    }

    private async Task SettleTogetherAsync(List<Settlement> batch, CancellationToken cancellationToken)
    {
        if (batch.Count > 1)
        {
            try
            {
                Settled(batch, await CommitDespiteOutagesAsync(batch, cancellationToken));
                return;
            }
            catch (Exception exception)
            {
                JobLog.NotTogether(logger, kind, batch.Count, exception);
            }
        }

        foreach (var one in batch)
        {
            if (await TrySettleAsync(one, cancellationToken) is { } again)
            {
                await _locked.Writer.WriteAsync(again, CancellationToken.None);
            }
        }
    }

    /// <summary>Settles one job alone.</summary>
    /// <returns>The settlement, if a lock or a deadlock prevented it and it is to be tried again later; otherwise null.</returns>
    private async Task<Settlement?> TrySettleAsync(Settlement one, CancellationToken cancellationToken)
    {
        while (true)
        {
            Exception error;
            try
            {
                Settled([one], await CommitDespiteOutagesAsync([one], cancellationToken));
                return null;
            }
            catch (PostgresException exception) when (exception.IsTransient && !cancellationToken.IsCancellationRequested)
            {
                return one;
            }
            catch (Exception exception)
            {
                error = exception;
            }

            if (!one.HandsOver || cancellationToken.IsCancellationRequested || OutcomeAfter(one.Job, error) is not { } outcome)
            {
                // Nothing of this run was committed. The job runs again when its lease expires.
                JobLog.SettleFailed(logger, kind, one.Job.Id, error);
                End(one);
                return null;
            }

            // The database refuses what the job hands over, and would again. That is a failed attempt, like an exception of the
            // work.
            one = one with { Outcome = outcome };
        }
    }

    private JobOutcome? OutcomeAfter(LeasedJob job, Exception exception)
    {
        try
        {
            return failed(job, exception);
        }
        catch (Exception unexpected)
        {
            JobLog.RunFailed(logger, kind, job.Id, unexpected);
            return null;
        }
    }

    // While the database is away, finished work is kept and settled later, unless another process has taken the job. Settling
    // twice is harmless: the token is spent.
    private async Task<IReadOnlySet<(long, Guid)>> CommitDespiteOutagesAsync(
        List<Settlement> batch, CancellationToken cancellationToken)
    {
        var timeouts = 0;
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                var held = await CommitAsync(database, kind, batch, Patience, cancellationToken);
                if (_outage.Ends() is not null)
                {
                    JobLog.SettledAgain(logger, kind);
                }

                return held;
            }
            catch (Exception exception) when (IsOutage(exception) && !cancellationToken.IsCancellationRequested)
            {
                // A handover can take too long while the database answers others. It is not known which one of a batch does, so
                // each is settled alone then. A single one is tried twice, since the database may have come back just now.
                var isHandover = IsTimeout(exception)
                    && (batch.Count > 1 || batch[0].HandsOver && await AnswersAsync(cancellationToken));
                if (isHandover && (batch.Count > 1 || ++timeouts > 1))
                {
                    throw;
                }

                if (!isHandover && _outage.Begins())
                {
                    JobLog.NotSettled(logger, kind, exception);
                }

                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);
            }
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            return false;
        }
    }

    // An error that the server reports is no outage, except its classes 08, 53 and 57P: they say that it is not available.
    private static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException { SqlState: ['0', '8', ..] or ['5', '3', ..] or "57P01" or "57P02" or "57P03" } => true,
        PostgresException or NpgsqlOperationInProgressException => false,
        NpgsqlException or TimeoutException => true,
        _ => false,
    };

    private static bool IsTimeout(Exception exception) =>
        exception is TimeoutException or NpgsqlException { InnerException: TimeoutException };

    private void End(Settlement one)
    {
        leases.Remove(one.Job);
        one.Ended?.Invoke();
    }

    private void Settled(IReadOnlyList<Settlement> batch, IReadOnlySet<(long, Guid)> held)
    {
        foreach (var one in batch)
        {
            End(one);
            if (held.Contains(one.Key))
            {
                if (one.Outcome.State is JobStates.Pending or JobStates.Waiting)
                {
                    postponed(one.Job.Lane, one.Outcome.Delay);
                }

                Committed(one);
            }
            else
            {
                JobLog.LeaseLost(logger, kind, one.Job.Id);
            }
        }

        var wakes = batch.Where(one => held.Contains(one.Key)).Select(one => one.Outcome.Wakes).OfType<JobWake>();
        foreach (var next in wakes.GroupBy(wake => wake.Kind))
        {
            var areKnown = next.All(wake => wake.Lanes is not null);
            wakeup.Notify(next.Key, areKnown ? [.. next.SelectMany(wake => wake.Lanes!).Distinct(StringComparer.Ordinal)] : null);
        }
    }

    // The outcome is stored. An exception of its metrics or log lines must not keep those of the other outcomes from being
    // written.
    private void Committed(Settlement one)
    {
        try
        {
            JobMetrics.Settled(kind, one.Outcome);
            one.Outcome.Committed?.Invoke();
        }
        catch (Exception exception)
        {
            JobLog.NotCounted(logger, kind, one.Job.Id, exception);
        }
    }
}
