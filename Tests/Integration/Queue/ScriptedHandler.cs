using System.Collections.Concurrent;
using Aspire.Webhooks.Queue;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

/// <summary>For jobs whose claim reads nothing along.</summary>
public readonly struct NoWork;

/// <summary>Runs what the test says, and remembers each run.</summary>
public sealed class ScriptedHandler(Func<LeasedJob, CancellationToken, Task<JobOutcome>> run) : IJobHandler<NoWork>
{
    public const string Secret = "a-configured-secret-of-the-tests";

    public ScriptedHandler()
        : this((_, _) => Task.FromResult(JobOutcome.Done()))
    {
    }

    public static JobKind Kind => JobKind.Event;

    public static string Columns => "null";

    public static string Joins => "";

    public RetrySchedule Schedule { get; init; } = new([TimeSpan.FromHours(1), TimeSpan.FromHours(2)]);

    /// <summary>The least wait after an exception, as <see cref="IJobHandler{TWork}.RetryAfter"/> gives it.</summary>
    public Func<Exception, TimeSpan?> Waits { get; init; } = _ => null;

    public ConcurrentQueue<LeasedJob> Runs { get; } = new();

    public static NoWork Read(NpgsqlDataReader reader, int first, LeasedJob job) => default;

    public TimeSpan? RetryAfter(Exception exception) => Waits(exception);

    public Task<JobOutcome> RunAsync(LeasedJob job, NoWork work, CancellationToken cancellationToken)
    {
        Runs.Enqueue(job);
        return run(job, cancellationToken);
    }
}
