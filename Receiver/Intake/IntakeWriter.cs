using Aspire.Webhooks.Queue;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Takes what waits, drops what is known to be committed, commits the rest at once, and answers all. Requests that
/// arrive during a commit make the next batch, so batches grow with load by themselves.
/// </summary>
public sealed partial class IntakeWriter(
    IntakeQueue queue,
    EventLedger ledger,
    IDedupeHint hint,
    JobWakeup wakeup,
    IOptions<IntakeOptions> options,
    ILogger<IntakeWriter> logger) : BackgroundService
{
    // A commit is one message to Postgres, which takes 1 GB at most, and has CommitTimeout to arrive: large bodies go in
    // smaller batches.
    private const int EnoughBytes = 16 * 1024 * 1024;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Kestrel is stopped before this service, so nothing is in the line any more when the token is cancelled.
        var batch = new List<IntakeItem>(options.Value.BatchSize);
        while (await queue.Reader.WaitToReadAsync(stoppingToken))
        {
            for (var bytes = 0; batch.Count < options.Value.BatchSize && bytes < EnoughBytes && queue.Reader.TryRead(out var item);)
            {
                batch.Add(item);
                bytes += item.Event.Body.Length;
            }

            await StoreAsync(batch);
            batch.Clear();
        }
    }

    private async Task StoreAsync(List<IntakeItem> batch)
    {
        try
        {
            var unknown = await DropKnownAsync(batch);
            if (unknown.Count == 0)
            {
                return;
            }

            var inserted = await ledger.InsertAsync([.. unknown.Select(item => item.Event)]);
            foreach (var item in unknown)
            {
                item.Answer(inserted.Contains(item.Event.Id) ? IntakeResult.Accepted : IntakeResult.Duplicate);
            }

            if (inserted.Count > 0)
            {
                wakeup.Notify(JobKind.Event, [.. unknown.Select(item => item.Event.Source).Distinct(StringComparer.Ordinal)]);
            }

            await hint.RememberAsync(unknown);
        }
        catch (Exception exception)
        {
            LogNotStored(logger, batch.Count, exception);
            batch.ForEach(item => item.Answer(IntakeResult.Unavailable));
        }
    }

    private async Task<List<IntakeItem>> DropKnownAsync(List<IntakeItem> batch)
    {
        var known = await hint.KnownAsync(batch);
        var unknown = new List<IntakeItem>(batch.Count);
        for (var at = 0; at < batch.Count; at++)
        {
            if (known[at])
            {
                batch[at].Answer(IntakeResult.Duplicate);
            }
            else
            {
                unknown.Add(batch[at]);
            }
        }

        return unknown;
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Error, Message = "{Count} events could not be stored; their senders are asked to try again.")]
    private static partial void LogNotStored(ILogger logger, int count, Exception exception);
}
