using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>Runs retention at start and after each interval.</summary>
public sealed partial class RetentionService(
    RetentionRun run, SchemaMigration schema, IOptions<RetentionOptions> options, TimeProvider time,
    ILogger<RetentionService> logger) : BackgroundService
{
    private readonly Outage _outage = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        do
        {
            await RunAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var begun = time.GetTimestamp();
            var deleted = await run.RunAsync(cancellationToken);
            var took = time.GetElapsedTime(begun);
            if (deleted is { Any: true })
            {
                LogDeleted(
                    logger, deleted.Bodies, deleted.Events, deleted.Steps, deleted.Jobs, deleted.Messages,
                    deleted.Endpoints, deleted.Replays, deleted.Audit, deleted.Series, took.TotalSeconds);
            }

            if (_outage.Ends() is { } lasted)
            {
                LogAgain(logger, lasted.TotalSeconds);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (_outage.Begins())
            {
                LogFailed(logger, exception);
            }
        }
    }

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
