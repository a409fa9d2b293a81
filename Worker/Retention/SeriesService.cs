using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>Counts each minute soon after it has ended.</summary>
public sealed partial class SeriesService(
    SeriesRollup rollup, SchemaMigration schema, TimeProvider time, ILogger<SeriesService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private readonly Outage _outage = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
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
            await rollup.RunAsync(cancellationToken);
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

    [LoggerMessage(EventId = 3621, Level = LogLevel.Warning, Message = "Series cannot be counted; retrying.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 3622, Level = LogLevel.Information, Message = "Series are counted again, after {Seconds:0.0} s.")]
    private static partial void LogAgain(ILogger logger, double seconds);
}
