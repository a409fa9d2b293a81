using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>The stand-ins' rules, on small models of their own.</summary>
public sealed class ResourceTests
{
    private static readonly string Here = Path.GetTempPath();
    private readonly IDistributedApplicationBuilder _builder = DistributedApplication.CreateBuilder(["--DcpPublisher:RandomizePorts=true"]);

    [Fact]
    public async Task A_crash_ends_the_wait_for_it_with_exit_code_and_last_lines_and_the_rest_keeps_running()
    {
        var cancellation = TestContext.Current.CancellationToken;
        _builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
        var broken = _builder.AddExecutable("broken", "sh", Here, "-c", "echo one; echo two >&2; exit 3").WithHealthCheck("never");
        _builder.AddExecutable("waiting", "sleep", Here, "600").WaitFor(broken);
        _builder.AddExecutable("other", "sleep", Here, "600");
        await using var app = _builder.Build();
        await app.StartAsync(cancellation);

        var problem = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => app.ResourceNotifications.WaitForResourceHealthyAsync("waiting", cancellation));

        Assert.StartsWith("broken ended with exit code 3.\n", problem.Message, StringComparison.Ordinal);
        Assert.Contains("\none", problem.Message, StringComparison.Ordinal);
        Assert.Contains("\ntwo", problem.Message, StringComparison.Ordinal);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("other", cancellation);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_reported_by_name()
    {
        var cancellation = TestContext.Current.CancellationToken;
        _builder.AddExecutable("missing", "no-such-command", Here);
        await using var app = _builder.Build();
        await app.StartAsync(cancellation);

        var end = await app.ResourceNotifications.WaitForResourceAsync("missing", e => e.Snapshot.ExitCode is not null, cancellation);

        Assert.Equal(127, end.Snapshot.ExitCode);
        await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync("missing", cancellation))
        {
            Assert.Contains("no-such-command", lines[0].Content, StringComparison.Ordinal);
            break;
        }
    }

    [Fact]
    public async Task References_parameters_and_endpoints_become_environment_variables()
    {
        var cancellation = TestContext.Current.CancellationToken;
        _builder.Configuration["KEY"] = "it's; \"quoted\"";
        var parameter = _builder.AddParameterFromConfiguration("parameter", "KEY", secret: true);
        var server = _builder.AddExecutable("server", "sleep", Here, "600").WithEndpoint(name: "tcp", scheme: "tcp", env: "PORT");
        var database = _builder.AddConnectionString(
            "database", ReferenceExpression.Create($"Port={server.GetEndpoint("tcp").Property(EndpointProperty.Port)};Password={parameter}"));
        _builder.AddExecutable("client", "sh", Here, "-c", "echo \"$ConnectionStrings__database|$PLAIN|$SECRET|${ASPNETCORE_URLS-unset}\"")
            .WithReference(database).WaitFor(database)
            .WithEnvironment("PLAIN", "a b")
            .WithEnvironment("SECRET", parameter);
        await using var app = _builder.Build();
        await app.StartAsync(cancellation);

        await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync("client", cancellation))
        {
            var port = server.GetEndpoint("tcp").Port;
            Assert.Equal($"Port={port};Password=it's; \"quoted\"|a b|it's; \"quoted\"|unset", lines[0].Content);
            break;
        }
    }

    [Fact]
    public async Task A_process_that_ignores_its_stop_signal_is_stopped_with_what_it_started()
    {
        var cancellation = TestContext.Current.CancellationToken;
        _builder.Configuration["Stop:GraceSeconds"] = "1";
        _builder.AddExecutable("stubborn", "sh", Here, "-c", "trap '' INT TERM; sleep 600 & echo started $!; wait; sleep 600");
        await using var app = _builder.Build();
        await app.StartAsync(cancellation);
        var child = 0;
        await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync("stubborn", cancellation))
        {
            child = int.Parse(lines[0].Content["started ".Length..]);
            break;
        }

        await app.StopAsync(cancellation);

        Assert.False(Directory.Exists($"/proc/{child}") && !File.ReadAllText($"/proc/{child}/stat").Contains(") Z ", StringComparison.Ordinal));
        Assert.True(app.ResourceNotifications.TryGetCurrentState("stubborn", out var end));
        Assert.Equal(137, end.Snapshot.ExitCode);
    }
}
