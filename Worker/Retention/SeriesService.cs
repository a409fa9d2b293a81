using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Worker.Retention;

/// <summary>Counts each minute soon after it has ended.</summary>
public sealed partial class SeriesService(
    SeriesRollup rollup, SchemaMigration schema, TimeProvider time, ILogger<SeriesService> logger)
    : RepeatedService(schema, time)
{
    protected override TimeSpan Interval => TimeSpan.FromSeconds(20);

    protected override Task RunAsync(CancellationToken cancellationToken) => rollup.RunAsync(cancellationToken);

    protected override void LogFailed(Exception exception) => LogFailed(logger, exception);

    protected override void LogAgain(double seconds) => LogAgain(logger, seconds);

    [LoggerMessage(EventId = 3621, Level = LogLevel.Warning, Message = "Series cannot be counted; retrying.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 3622, Level = LogLevel.Information, Message = "Series are counted again, after {Seconds:0.0} s.")]
    private static partial void LogAgain(ILogger logger, double seconds);
}
