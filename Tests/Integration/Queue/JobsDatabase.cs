using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

/// <summary>An up-to-date database of one test's and the queue on it, with no service running.</summary>
public sealed class JobsDatabase : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private readonly NpgsqlDataSource _source;

    private JobsDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        _source = NpgsqlDataSource.Create(connectionString);
        Queue = new(_source, Wakeup);
    }

    public string ConnectionString { get; }

    public JobQueue Queue { get; }

    public JobWakeup Wakeup { get; } = new(NullLogger<JobWakeup>.Instance);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<JobsDatabase> CreateAsync(TestStack stack) => new(await stack.NewDatabaseAsync());

    public Task EnqueueAsync(int count, JobKind kind = JobKind.Event, string lane = "") => ExecuteAsync(
        $"insert into webhooks.jobs (kind, ref_id, lane) select '{kind.Name()}', gen_random_uuid(), '{lane}' from "
            + $"generate_series(1, {count})");

    /// <summary>Makes the command that enqueues a job, for a transaction.</summary>
    public static NpgsqlBatchCommand Enqueue(JobKind kind, Guid refId) =>
        new("insert into webhooks.jobs (kind, ref_id, lane) values ($1, $2, '')")
        {
            Parameters = { new() { Value = kind.Name() }, new() { Value = refId } },
        };

    /// <summary>Claims from one lane.</summary>
    public Task<IReadOnlyList<LeasedJob>> ClaimAsync(int max = 1, JobKind kind = JobKind.Event, string lane = "") =>
        ClaimAsync(kind, new LaneAsk(lane, max, max));

    internal async Task<IReadOnlyList<LeasedJob>> ClaimAsync(JobKind kind, params LaneAsk[] asks) =>
        [.. (await Claims(kind).ClaimAsync(asks, Cancellation)).Select(claimed => claimed.Job)];

    internal Task<DueLanes> FindDueAsync(string? after = null) =>
        JobLanes.FindDueAsync(_source, JobKind.Event, after, JobLanes.FewLanes, Cancellation);

    internal JobClaims<NoWork> Claims(JobKind kind = JobKind.Event, TimeSpan? lease = null, NpgsqlDataSource? source = null) =>
        new(kind, new("null", "", (_, _, _) => default), source ?? _source, lease ?? Lease, TimeProvider.System);

    internal Task<IReadOnlySet<(long, Guid)>> SettleTogetherAsync(params Settlement[] settlements) =>
        JobSettlement.CommitAsync(_source, JobKind.Event, settlements, Timeout.InfiniteTimeSpan, Cancellation);

    internal Task<(IReadOnlySet<(long, Guid)> Renewed, IReadOnlySet<(long, Guid)> Locked)> RenewAsync(
        IReadOnlyCollection<LeasedJob> jobs, TimeSpan lease) =>
        JobLeases.RenewAsync(_source, jobs, lease, Cancellation);

    public async Task<LeasedJob> EnqueueAndClaimAsync(JobKind kind = JobKind.Event)
    {
        await EnqueueAsync(1, kind);
        return Assert.Single(await ClaimAsync(1, kind));
    }

    public Task<bool> SettleAsync(LeasedJob job, JobOutcome outcome, JobKind kind = JobKind.Event) =>
        Queue.SettleAsync(kind, job, outcome, Cancellation);

    /// <summary>As if the holder's process were gone and its lease had run out.</summary>
    public Task ExpireAsync(LeasedJob job) =>
        ExecuteAsync($"update webhooks.jobs set lease_until = now() - interval '1 second' where id = {job.Id}");

    public Task<long> CountAsync(string condition) => Sql.CountAsync(ConnectionString, $"webhooks.jobs where {condition}");

    public Task<T?> OfAsync<T>(LeasedJob job, string column) =>
        Sql.ScalarAsync<T>(ConnectionString, $"select {column} from webhooks.jobs where id = {job.Id}");

    /// <summary>Runs a command of the queue, and returns how many rows it changed.</summary>
    public async Task<long> ChangeAsync(NpgsqlBatchCommand command)
    {
        await using var connection = await _source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await transaction.ExecuteAsync([command], Cancellation);
        await transaction.CommitAsync(Cancellation);
        return (long)command.RecordsAffected;
    }

    public Task ExecuteAsync(string sql) => Sql.ExecuteAsync(ConnectionString, sql);

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
