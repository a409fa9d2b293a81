using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Starts the resources as their waits allow, and stops them in the reverse of the order in which they started.</summary>
internal sealed class Orchestrator(
    IServiceProvider services,
    DistributedApplicationModel model,
    RunOptions options,
    ResourceNotificationService notifications,
    ConsoleLog console,
    IHostApplicationLifetime lifetime) : IHostedService, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(ResourceRun Run, Task Ended)> _runs = [];
    private readonly List<ResourceRun> _started = [];
    private bool _stopping;

    /// <summary>Whether the application gave up because something that others wait for did not start.</summary>
    public bool HasFailed { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Ports.Allocate(model.Resources, anyPort: options.RandomizePorts);
        foreach (var resource in model.Resources.OfType<Resource>())
        {
            Start(resource);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        List<ResourceRun> newestFirst;
        List<(ResourceRun Run, Task Ended)> all;
        lock (_lock)
        {
            _stopping = true;
            newestFirst = [.. Enumerable.Reverse(_started)];
            all = [.. _runs];
        }

        // Whatever still waits must not start once that which it waits for goes down.
        foreach (var (run, _) in all)
        {
            if (!newestFirst.Contains(run))
            {
                await run.StopAsync();
            }
        }

        foreach (var run in newestFirst)
        {
            await run.StopAsync();
        }

        await Task.WhenAll(all.Select(run => run.Ended));
    }

    /// <summary>Starts a resource that has ended.</summary>
    public void Start(Resource resource)
    {
        var run = ActivatorUtilities.CreateInstance<ResourceRun>(services, resource);
        lock (_lock)
        {
            if (_stopping)
            {
                return;
            }
            // Not on another thread: whoever waits for the resource next must not see how it ended before.
            _runs.Add((run, RunAsync(run)));
        }
    }

    /// <summary>Stops one resource and waits for its end.</summary>
    public async Task StopAsync(Resource resource)
    {
        List<(ResourceRun Run, Task Ended)> lives;
        lock (_lock)
        {
            lives = [.. _runs.Where(run => run.Run.Resource == resource)];
        }

        foreach (var (run, ended) in lives)
        {
            await run.StopAsync();
            await ended;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        lock (_lock)
        {
            foreach (var (run, _) in _runs)
            {
                run.Dispose();
            }

            _runs.Clear();
        }
    }

    private async Task RunAsync(ResourceRun run)
    {
        await run.RunAsync(started =>
        {
            lock (_lock)
            {
                _started.Add(started);
            }
        });
        lock (_lock)
        {
            _started.Remove(run);
            if (_stopping || options.UnderTest || FailureToStart(run.Resource) is not { } failure)
            {
                return;
            }

            _stopping = HasFailed = true;
            // A crash has been reported in full by now.
            var crashed = run.Resource.Waits.Select(wait => wait.For).FirstOrDefault(other => Failure(other) == failure);
            console.Report($"{run.Resource.Name} cannot start{(crashed is null ? $": {failure}" : $" without {crashed.Name}.")} Stopping.", []);
        }

        lifetime.StopApplication();
    }

    private string? FailureToStart(Resource resource) =>
        notifications.TryGetCurrentState(resource.Name, out var change)
        && change.Snapshot.State?.Text == KnownResourceStates.FailedToStart ? change.Snapshot.Failure : null;

    private string? Failure(IResource resource) =>
        notifications.TryGetCurrentState(resource.Name, out var change) ? change.Snapshot.Failure : null;
}
