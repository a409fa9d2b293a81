using Aspire.Webhooks.ServiceDefaults.Logging;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Storage;

/// <summary>Does its work at start and after each interval, and tells once of an outage in which it cannot.</summary>
public abstract class RepeatedService(SchemaMigration schema, TimeProvider time) : BackgroundService
{
    private readonly Outage _outage = new(time);

    protected TimeProvider Time => time;

    protected abstract TimeSpan Interval { get; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
                if (_outage.Ends() is { } lasted)
                {
                    LogAgain(lasted.TotalSeconds);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (_outage.Begins())
                {
                    LogFailed(exception);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    protected abstract Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Logs the first failure of an outage.</summary>
    protected abstract void LogFailed(Exception exception);

    /// <summary>Logs the end of an outage.</summary>
    protected abstract void LogAgain(double seconds);
}
