using System.Runtime.InteropServices;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.AppHost;

/// <summary>Runs the host on a developer's machine: its settings, its output and its end.</summary>
internal static class HostRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Sets the configuration of a local run, which deployments do not need. Values from other sources take precedence.
    /// </summary>
    public static void AddRun(this IDistributedApplicationBuilder builder)
    {
        // By default the dashboard stores the last ten runs in the home directory, including all secrets in plain text.
        builder.Configuration["ASPIRE_DASHBOARD_PERSISTENCE_MODE"] ??= "None";
        FollowDotnetRun(builder.Configuration);
        builder.Services.AddSingleton(
            services => ActivatorUtilities.CreateInstance<SourceSecretRotation>(services, builder.EnvFile()));
        builder.Services.TryAddSingleton<StartReport>();
        builder.Services.AddSingleton<IDistributedApplicationEventingSubscriber>(
            services => services.GetRequiredService<StartReport>());
    }

    // When `dotnet run` is killed, its child continues. Aspire already ends a host whose command line process has ended; this
    // does the same for `dotnet run`.
    private static void FollowDotnetRun(ConfigurationManager configuration)
    {
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("DOTNET_LAUNCH_PROFILE") is { Length: > 0 })
        {
            configuration["ASPIRE_CLI_PID"] ??= getppid().ToString();
        }
    }

    /// <summary>Runs the application until it is stopped.</summary>
    /// <returns>The exit code: 1 when the application ended because of an error, which has been reported.</returns>
    public static async Task<int> RunToEndAsync(this DistributedApplication app)
    {
        var services = app.Services;
        if (!services.GetRequiredService<DistributedApplicationExecutionContext>().IsRunMode)
        {
            await app.RunAsync();
            return Environment.ExitCode;
        }

        var busy = FixedPorts.InUse(
            services.GetRequiredService<DistributedApplicationModel>(), services.GetRequiredService<IConfiguration>());
        if (busy.Count > 0)
        {
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, busy));
            return 1;
        }

        var report = services.GetRequiredService<StartReport>();
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        var orchestrator = new Orchestrator(Environment.ProcessId);
        IReadOnlyList<int> processes = [];
        await using var stop = lifetime.ApplicationStopping.Register(() => processes = orchestrator.Running());

        var run = app.RunAsync();
        var lost = orchestrator.EndedAsync(lifetime.ApplicationStopping);
        await Task.WhenAny(run, lost);
        if (lost.IsCompletedSuccessfully)
        {
            await Console.Error.WriteLineAsync(
                "The orchestrator (dcp) has ended, and with it all that it had started. Stopping.");
            report.HasFailed = true;
            lifetime.StopApplication();
        }

        await EndAsync(run, lost.IsCompletedSuccessfully);
        await EndAsync(Orchestrator.WaitForEndAsync(processes, CancellationToken.None), limited: true);
        return report.HasFailed ? 1 : 0;
    }

    // When the orchestrator has ended, Aspire waits for answers that never come, so the wait is limited.
    private static async Task EndAsync(Task task, bool limited)
    {
        try
        {
            await (limited ? task.WaitAsync(Patience) : task);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            // The application was stopped before everything had started, or the time limit was reached.
        }
    }

#pragma warning disable SYSLIB1054, CA5392 // LibraryImport would need unsafe code, and libc has one place to be loaded from.
    [DllImport("libc")]
    private static extern int getppid();
#pragma warning restore SYSLIB1054, CA5392
}
