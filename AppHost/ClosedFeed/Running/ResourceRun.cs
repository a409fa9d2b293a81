using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>One resource's life from one start to the end that follows it.</summary>
internal sealed class ResourceRun(
    Resource resource,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    ConsoleLog console,
    HealthMonitor health,
    ProcessEnvironment environment,
    Watchdog watchdog,
    TimeProvider time) : IDisposable
{
    private const int LastLines = 20;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _starting = new();
    private ChildProcess? _process;

    public Resource Resource => resource;

    /// <summary>Starts the resource when what it waits for is there, and ends with it.</summary>
    public async Task RunAsync(Action<ResourceRun> onStarted)
    {
        try
        {
            await PublishAsync(KnownResourceStates.Waiting);
            foreach (var wait in resource.Waits)
            {
                await WaitForAsync(wait);
            }

            var command = await Commands.OfAsync(resource, environment, _stopping.Token);
            if (command is null)
            {
                await LiveAsync(_stopping.Token);
            }
            else
            {
                await RunProcessAsync(command, onStarted);
            }
        }
        catch (OperationCanceledException)
        {
            await PublishAsync(KnownResourceStates.Finished);
        }
        catch (DistributedApplicationException problem)
        {
            await notifications.PublishUpdateAsync(
                resource, state => state with { State = KnownResourceStates.FailedToStart, Failure = problem.Message });
        }
    }

    /// <summary>Ends the run; the process, where there is one, is asked to stop.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        ChildProcess? started;
        // Either the start sees that it must not be, or this sees the process.
        lock (_starting)
        {
            started = _process;
        }

        if (started is { Exited.IsCompleted: false } process)
        {
            await PublishAsync(KnownResourceStates.Stopping);
            await process.StopAsync(watchdog.Grace, time);
        }
    }

    public void Dispose()
    {
        _process?.Dispose();
        _stopping.Dispose();
    }

    private Task PublishAsync(string newState) => notifications.PublishUpdateAsync(resource, state => state with
    {
        State = newState,
        CheckedHealth = HealthStatus.Unhealthy,
        ExitCode = null,
        Failure = null,
    });

    private async Task WaitForAsync(Wait wait)
    {
        if (wait.UntilHealthy)
        {
            await notifications.WaitForResourceHealthyAsync(wait.For.Name, _stopping.Token);
            return;
        }

        var change = await notifications.WaitForResourceAsync(
            wait.For.Name,
            e => e.Snapshot.State?.Text == KnownResourceStates.Running || ResourceNotificationService.HasEnded(e),
            _stopping.Token);
        if (ResourceNotificationService.HasEnded(change))
        {
            throw new DistributedApplicationException(change.Snapshot.Failure ?? $"{wait.For.Name} has ended.");
        }
    }

    private async Task LiveAsync(CancellationToken cancellationToken)
    {
        await notifications.PublishUpdateAsync(resource, state => state with
        {
            State = KnownResourceStates.Running,
            CheckedHealth = resource.HealthChecks.Count == 0 ? HealthStatus.Healthy : HealthStatus.Unhealthy,
            Properties = _process is null ? [] : [new("executable.pid", _process.Id)],
        });
        if (resource.HealthChecks.Count > 0)
        {
            await health.WatchAsync(resource, cancellationToken);
        }
        else
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
    }

    private async Task RunProcessAsync(ProcessStartInfo command, Action<ResourceRun> onStarted)
    {
        await PublishAsync(KnownResourceStates.Starting);
        // Postgres takes SIGTERM for "when the last client has gone", which none tells it. The .NET programs get no SIGINT:
        // a shell that starts the host in the background has it ignored, and they inherit that.
        var stopSignal = resource is ProjectResource || resource.Name == Dashboard.Name ? Signal.Term : Signal.Int;
        lock (_starting)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            _process = ChildProcess.Start(command, stopSignal, watchdog, (line, isError) =>
            {
                logs.Add(resource.Name, line, isError);
                console.Write(resource.Name, line);
            });
        }

        onStarted(this);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var living = LiveAsync(ended.Token);
        var exitCode = await _process.Exited;
        await ended.CancelAsync();
        await living.ContinueWith(_ => { }, TaskScheduler.Default);
        await EndAsync(exitCode);
    }

    private async Task EndAsync(int exitCode)
    {
        string? failure = null;
        if (!_stopping.IsCancellationRequested)
        {
            var how = exitCode > 128 ? $"was killed by signal {exitCode - 128}" : $"ended with exit code {exitCode}";
            var lines = logs.Last(resource.Name, LastLines);
            console.Report($"{resource.Name} {how}.", lines);
            failure = string.Join('\n', lines.Prepend($"{resource.Name} {how}."));
        }

        await notifications.PublishUpdateAsync(resource, state => state with
        {
            State = exitCode == 0 ? KnownResourceStates.Finished : KnownResourceStates.Exited,
            ExitCode = exitCode,
            Failure = failure,
        });
    }
}
