using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Aspire.Webhooks.Jobs;

/// <summary>
/// Settles what one pump's runs come to. Outcomes that are ready at the same time share a transaction; those that come during its
/// commit make the next one, so a lone outcome waits for nobody.
/// </summary>
/// <param name="kind">The kind of job.</param>
/// <param name="queue">Where they are settled.</param>
/// <param name="failed">The outcome of a job whose handover was refused.</param>
/// <param name="time">The clock of retries.</param>
/// <param name="logger">The pump's.</param>
internal sealed class JobSettler(
    JobKind kind, JobQueue queue, Func<LeasedJob, Exception, JobOutcome> failed, TimeProvider time, ILogger logger)
{
    private const int MaxBatch = 100;

    // Handovers go one after the other on one connection, so several connections do. Measured with 64 places: fewer settle
    // less where three rows are handed over, more take more work of the database where none is.
    private const int Writers = 4;

    // One handover that waits for a lock must not hold up the others for long: each is settled alone then.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Channel<Ready> _ready = Channel.CreateUnbounded<Ready>();

    // Work that is done but not settled is done again: a passing fault of the database must not cost a second POST. A
    // settlement that arrived although its answer was lost changes nothing the second time, its token is spent.
    private readonly ResiliencePipeline _alone = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 4,
            Delay = TimeSpan.FromMilliseconds(100),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(exception => exception.IsTransient),
        })
        .Build();

    /// <summary>Settles a job, or what a refused handover makes of it.</summary>
    /// <returns>False when the lease was lost.</returns>
    public async Task<bool> SettleAsync(LeasedJob job, JobOutcome outcome)
    {
        var ready = new Ready(new(job, outcome));
        await _ready.Writer.WriteAsync(ready);
        return await ready.Held ?? await SettleAloneAsync(job, outcome);
    }

    /// <summary>Works until <see cref="Complete"/>, and settles all that is ready before.</summary>
    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync()));

    public void Complete() => _ready.Writer.Complete();

    private async Task WriteAsync()
    {
        var batch = new List<Ready>(MaxBatch);
        while (await _ready.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && _ready.Reader.TryRead(out var ready))
            {
                batch.Add(ready);
            }

            // Empty when another writer was faster.
            if (batch.Count > 0)
            {
                await SettleTogetherAsync(batch);
                batch.Clear();
            }
        }
    }

    private async Task SettleTogetherAsync(List<Ready> batch)
    {
        try
        {
            var held = await queue.SettleTogetherAsync([.. batch.Select(ready => ready.Settlement)], Patience, CancellationToken.None);
            batch.ForEach(ready => ready.Answer(held.Contains(ready.Settlement.Job.Id)));
        }
        catch (Exception exception)
        {
            JobPumpLog.NotTogether(logger, kind, batch.Count, exception);
            batch.ForEach(ready => ready.Answer(null));
        }
    }

    // Not cancelled with the work: the outcome of finished work is worth keeping.
    private async Task<bool> SettleAloneAsync(LeasedJob job, JobOutcome outcome)
    {
        try
        {
            return await _alone.ExecuteAsync(async token => await queue.SettleAsync(job, outcome, token), CancellationToken.None);
        }
        catch (Exception exception) when (outcome.Handover is not null && exception is not NpgsqlException { IsTransient: true })
        {
            // What the job hands over is refused and would be again: a failed attempt like any other, on record.
            var failure = failed(job, exception);
            return await _alone.ExecuteAsync(async token => await queue.SettleAsync(job, failure, token), CancellationToken.None);
        }
    }

    /// <summary>An outcome in the line.</summary>
    private sealed class Ready(Settlement settlement)
    {
        private readonly TaskCompletionSource<bool?> _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Settlement Settlement => settlement;

        /// <summary>Whether the lease was ours; null when it has to be settled alone.</summary>
        public Task<bool?> Held => _held.Task;

        public void Answer(bool? held) => _held.SetResult(held);
    }
}
