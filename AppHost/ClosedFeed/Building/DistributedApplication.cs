using Aspire.Hosting.Running;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

public sealed class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TestedEntryPoint? _test;

    internal DistributedApplication(IHost host, TestedEntryPoint? test)
    {
        _host = host;
        _test = test;
    }

    public IServiceProvider Services => _host.Services;

    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    public Task StartAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Runs until Ctrl-C or SIGTERM. What goes wrong is told in a line and as exit code 1.</summary>
    public void Run()
    {
        if (_test is not null)
        {
            // Starting and stopping is the test's affair; this returns to the application's last line.
            _test.Built(this);
            return;
        }

        try
        {
            var orchestrator = Services.GetRequiredService<Orchestrator>();
            _host.Run();
            if (orchestrator.HasFailed)
            {
                Environment.ExitCode = 1;
            }
        }
        catch (DistributedApplicationException problem)
        {
            Console.Error.WriteLine(problem.Message);
            Environment.ExitCode = 1;
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        // A test that failed half-way must not leave its processes.
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
