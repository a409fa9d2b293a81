using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>Runs retention at start and after each interval.</summary>
public sealed partial class RetentionService(
    RetentionRun run, SchemaMigration schema, IOptions<RetentionOptions> options, TimeProvider time,
    ILogger<RetentionService> logger) : RepeatedService(schema, time)
{
    protected override TimeSpan Interval => options.Value.Interval;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var begun = Time.GetTimestamp();
        var deleted = await run.RunAsync(cancellationToken);
        var took = Time.GetElapsedTime(begun);
        if (deleted is { Any: true })
        {
            LogDeleted(
                logger, deleted.Bodies, deleted.Events, deleted.Steps, deleted.Jobs, deleted.Messages,
                deleted.Endpoints, deleted.Replays, deleted.Audit, deleted.Series, took.TotalSeconds);
        }
    }

    protected override void LogFailed(Exception exception) => LogFailed(logger, exception);

    protected override void LogAgain(double seconds) => LogAgain(logger, seconds);

    [LoggerMessage(EventId = 3601, Level = LogLevel.Information,
        Message = "Retention deleted the content of {Bodies} events, {Events} events, the steps of {Steps} tasks, {Jobs} jobs, "
            + "{Messages} messages, {Endpoints} endpoints, {Replays} replays, {Audit} entries of the audit and {Series} counts "
            + "of series in {Seconds:0.0} s.")]
    private static partial void LogDeleted(
        ILogger logger, long bodies, long events, long steps, long jobs, long messages, long endpoints, long replays, long audit,
        long series, double seconds);

    [LoggerMessage(EventId = 3602, Level = LogLevel.Warning, Message = "Old data cannot be deleted; retrying.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3603, Level = LogLevel.Information,
        Message = "Old data can be deleted again, after {Seconds:0.0} s.")]
    private static partial void LogAgain(ILogger logger, double seconds);
}
