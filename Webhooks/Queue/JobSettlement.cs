using System.Globalization;
using System.Threading.Channels;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Queue;

/// <summary>A job and how it ended.</summary>
internal sealed record Settlement(LeasedJob Job, JobOutcome Outcome)
{
    /// <summary>Whether the lane is slow from now on, or is no longer; null leaves it as it is.</summary>
    public bool? IsSlow { get; init; }

    /// <summary>Called when it is settled, or given up.</summary>
    public Action? Ended { get; init; }

    public (long, Guid) Key => (Job.Id, Job.LeaseToken);

    /// <summary>Whether it writes anything for the next stage, which the database can refuse.</summary>
    public bool HandsOver => Outcome is { Writes.Count: > 0 } or { Handover: not null };

    /// <summary>What is written of the lane, if anything.</summary>
    public IEnumerable<NpgsqlBatchCommand> OfLane(JobKind kind) => IsSlow switch
    {
        true => [JobLanes.Slow(kind, Job.Lane)],
        false => [JobLanes.Quick(kind, Job.Lane)],
        null => [],
    };
}

/// <summary>
/// The last chapter of a job's life: running ──settle──► done, ignored, buried, waiting, or pending again. Outcomes that are ready
/// at the same time share a transaction; those that come during its commit make the next one, so a lone outcome waits for nobody.
/// </summary>
/// <param name="kind">The kind of job.</param>
/// <param name="database">Where the jobs are.</param>
/// <param name="leases">What is held until it is settled.</param>
/// <param name="wakeup">Tells whoever does what was handed over.</param>
/// <param name="failed">The outcome of a job whose handover was refused.</param>
/// <param name="time">The clock of retries.</param>
/// <param name="logger">The pump's.</param>
internal sealed class JobSettlement(
    JobKind kind, NpgsqlDataSource database, JobLeases leases, JobWakeup wakeup, Func<LeasedJob, Exception, JobOutcome> failed,
    TimeProvider time, ILogger logger)
{
    private const int MaxBatch = 500;
    private const int MaxErrorLength = 4096;

    // A batch's handovers go one after the other on one connection, so several connections do.
    private const int Writers = 3;

    // What is done but not settled would be done again after a crash. When there is this much of it, places wait.
    private const int MaxUnsettled = 2000;

    private const string SettleSql = """
        update webhooks.jobs job
        set state = outcome.state, due_at = case when outcome.state in ('pending', 'waiting') then now() + outcome.delay else due_at end,
            last_error = coalesce(outcome.error, last_error), attempt = attempt - outcome.uncounted, failures = failures + outcome.failed,
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
    /// Settles several jobs, each one's handover included, in one transaction: all that are held or, when it throws, none.
    /// </summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="settlements">Runs of jobs; of two of the same job one at most is held.</param>
    /// <param name="patience">How long to wait for a lock that somebody else has; infinite is allowed.</param>
    /// <returns>Those whose lease was ours. Nothing was changed of the others.</returns>
    public static async Task<IReadOnlySet<(long, Guid)>> CommitAsync(
        NpgsqlDataSource database, JobKind kind, IReadOnlyList<Settlement> settlements, TimeSpan patience, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (settlements.All(one => one is { HandsOver: false, IsSlow: null }))
        {
            // One round trip: what is sent together is a transaction by itself.
            return await EndLeasesAsync(settlements, patience, connection, null, cancellationToken);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var held = await EndLeasesAsync(settlements, patience, connection, transaction, cancellationToken);

        // What handovers lock belongs to their lane as often as not: two batches that take lanes in one order do not deadlock.
        Settlement[] ours = [.. settlements.Where(one => held.Contains(one.Key)).OrderBy(one => one.Job.Lane, StringComparer.Ordinal)];
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

        // Lanes last, as everybody locks what a lane stands for before the lane.
        var lanes = ours.SelectMany(one => one.OfLane(kind)).ToArray();
        if (lanes.Length > 0)
        {
            await transaction.ExecuteAsync(lanes, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return held;
    }

    /// <summary>Takes an outcome. Waits while too much is unsettled.</summary>
    public ValueTask AddAsync(Settlement settlement) => _ready.Writer.WriteAsync(settlement);

    /// <summary>Works until <see cref="Complete"/>, and settles all that is ready before.</summary>
    /// <param name="cancellationToken">Gives up what cannot be settled.</param>
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
        batch.BatchCommands.Add(new("select set_config('lock_timeout', $1, true)")
        {
            Parameters = { new() { Value = milliseconds.ToString(CultureInfo.InvariantCulture) } },
        });

        // In the order of ids, as everybody locks jobs.
        Settlement[] ordered = [.. settlements.OrderBy(one => one.Job.Id)];
        var settle = new NpgsqlBatchCommand(SettleSql);
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Job.Id) });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Job.LeaseToken) });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Outcome.State) });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Outcome.Delay) });
        settle.Parameters.Add(new()
        {
            Value = Array.ConvertAll(ordered, one => Storable(one.Outcome.Error)), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Outcome.CountsAsAttempt ? 0 : 1) });
        settle.Parameters.Add(new() { Value = Array.ConvertAll(ordered, one => one.Outcome.Failed ? 1 : 0) });
        batch.BatchCommands.Add(settle);

        // Once per pooled connection: planning a lone settlement takes longer than doing it.
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

    // An error's text can quote anything. Postgres refuses NUL, and a job must not stay unsettled for what it says.
    internal static string? Storable(string? error) => error is null ? null : StorableText.Chars(error, MaxErrorLength);

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var batch = new List<Settlement>(MaxBatch);
        while (await _ready.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MaxBatch && _ready.Reader.TryRead(out var ready))
            {
                batch.Add(ready);
            }

            // Empty when another writer was faster.
            if (batch.Count > 0)
            {
                await SettleTogetherAsync(batch, cancellationToken);
                batch.Clear();
            }
        }
    }

    // Tries those that met a lock again, one after the other: however many they are, they take no writer from the others.
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

    private async Task SettleTogetherAsync(IReadOnlyList<Settlement> batch, CancellationToken cancellationToken)
    {
        if (batch.Count > 1)
        {
            try
            {
                Settled(batch, await CommitAsync(batch, cancellationToken));
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
    /// <returns>What to try again later, because of a lock that was not to be had or a deadlock; null when the job has ended.</returns>
    private async Task<Settlement?> TrySettleAsync(Settlement one, CancellationToken cancellationToken)
    {
        while (true)
        {
            Exception error;
            try
            {
                Settled([one], await CommitAsync([one], cancellationToken));
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
                // The lease expires and the job runs again; nothing of this run was committed.
                JobLog.SettleFailed(logger, kind, one.Job.Id, error);
                End(one);
                return null;
            }

            // What the job hands over is refused and would be again: a failed attempt like any other, on record.
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

    // While the database is away, finished work is kept and settled later, unless another process has taken the job. Settling twice
    // is harmless: the token is spent.
    private async Task<IReadOnlySet<(long, Guid)>> CommitAsync(IReadOnlyList<Settlement> batch, CancellationToken cancellationToken)
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
                // A handover can take too long while the database answers others. Which one of a batch it is, nobody knows: each is
                // settled alone then. Alone it is tried twice, since the database may have come back just now.
                var isHandover = IsTimeout(exception) && (batch.Count > 1 || batch[0].HandsOver && await AnswersAsync(cancellationToken));
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

    // The server answered: it is there, and says what is wrong with this. Its classes 08, 53 and 57 say that it is not (yet) there.
    private static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException { SqlState: ['0', '8', ..] or ['5', '3', ..] or "57P01" or "57P02" or "57P03" } => true,
        PostgresException or NpgsqlOperationInProgressException => false,
        NpgsqlException or TimeoutException => true,
        _ => false,
    };

    private static bool IsTimeout(Exception exception) => exception is TimeoutException or NpgsqlException { InnerException: TimeoutException };

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
                Committed(one);
            }
            else
            {
                JobLog.LeaseLost(logger, kind, one.Job.Id);
            }
        }

        foreach (var next in batch.Where(one => held.Contains(one.Key)).Select(one => one.Outcome.Wakes).OfType<JobWake>().GroupBy(wake => wake.Kind))
        {
            wakeup.Notify(next.Key, next.All(wake => wake.Lanes is not null) ? [.. next.SelectMany(wake => wake.Lanes!).Distinct(StringComparer.Ordinal)] : null);
        }
    }

    // It is stored: whatever fails now changes that no more, and must not keep the other outcomes of the batch from being noted.
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
