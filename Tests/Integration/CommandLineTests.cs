using System.Reflection;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>The executables as a person calls them.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("AppHost")]
    [InlineData("Receiver", "migrate")]
    [InlineData("Sender", "migrate")]
    [InlineData("Worker", "mcp", "migrate")]
    public async Task Help_shows_commands_and_how_settings_are_given(string executable, params string[] commands)
    {
        var result = await RunAsync(executable, "--help");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.All(
            [$"  {executable} ", "  --Key:Name=value ", "  Key__Name=value ", .. commands.Select(command => $"  {command} ")],
            text => Assert.Contains(text, result.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AppHost")]
    [InlineData("Receiver")]
    [InlineData("Sender")]
    [InlineData("Worker")]
    [InlineData("Cli")]
    public async Task Version_is_one_line(string executable)
    {
        var version = Assembly.Load(executable).GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

        Assert.Equal(new(0, $"{version}\n", ""), await RunAsync(executable, "--version"));
    }

    [Theory]
    [InlineData("AppHost", "pubilsh --output-path x", "'pubilsh' is no command. (There are none; --help says more.)")]
    [InlineData("AppHost", "--operation publish manifest", "'manifest' belongs to no setting. (--help says more.)")]
    [InlineData("Receiver", "start", "'start' is no command. (There are: migrate; --help says more.)")]
    [InlineData("Receiver", "--hlep", "'--hlep' has no value: --hlep=value sets one. (--help says more.)")]
    [InlineData("Sender", "sned http://127.0.0.1:1/", "'sned' is no command. (There are: migrate; --help says more.)")]
    [InlineData("Cli", "sned http://127.0.0.1:1/", "'sned' is no command. (There are: send, listen; --help says more.)")]
    [InlineData("Worker", "mpc --name my-agent", "'mpc' is no command. (There are: mcp, migrate; --help says more.)")]
    public async Task What_is_mistyped_is_2_and_one_line_that_names_it(string executable, string arguments, string error) =>
        Assert.Equal(new(2, "", $"{error}\n"), await RunAsync(executable, arguments.Split(' ')));

    // From its own output: in the tests' there is not all that the AppHost's manifest names.
    private static Task<FinishedProcess> RunAsync(string executable, params string[] arguments)
    {
        var output = Path.Combine(Projects.AppHost.ProjectPath, "..", executable, AppHost.Services.Metadata("ServiceOutput"));
        return FinishedProcess.RunAsync(Path.Combine(output, $"{executable}.dll"), arguments);
    }
}
