using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--urls http://127.0.0.1:0")]
    [InlineData("--urls=http://127.0.0.1:0 --environment Production")]
    [InlineData("--environment=Development --contentRoot=/src/Receiver --applicationName=Receiver")]
    [InlineData("--operation publish --step publish-manifest --output-path /tmp/manifest.json")]
    [InlineData("--DcpPublisher:RandomizePorts=true --Data:Directory=/tmp/data")]
    [InlineData("/environment Production /urls=http://127.0.0.1:0 Key:Name=value")]
    [InlineData("--Key:Name help --Key:Number -1 --Key:Path /tmp --Key:Empty ")]
    [InlineData("--Key:Name=--help --Key:Empty=")]
    public void Settings_start_the_executable(string arguments) =>
        Assert.Equal((CommandLineRequest.Start, null), Read(arguments));

    [Theory]
    [InlineData("--help", nameof(CommandLineRequest.Help))]
    [InlineData("-h", nameof(CommandLineRequest.Help))]
    [InlineData("-?", nameof(CommandLineRequest.Help))]
    [InlineData("/?", nameof(CommandLineRequest.Help))]
    [InlineData("--urls http://127.0.0.1:0 --help", nameof(CommandLineRequest.Help))]
    [InlineData("--help --hlep", nameof(CommandLineRequest.Help))]
    [InlineData("--version", nameof(CommandLineRequest.Version))]
    [InlineData("--urls=http://127.0.0.1:0 --version", nameof(CommandLineRequest.Version))]
    [InlineData("send", nameof(CommandLineRequest.Command))]
    [InlineData("send --help", nameof(CommandLineRequest.Command))]
    [InlineData("sned http://127.0.0.1/ --help", nameof(CommandLineRequest.Command))]
    public void The_first_argument_that_is_no_setting_says_what_is_asked_for(string arguments, string request) =>
        Assert.Equal((Enum.Parse<CommandLineRequest>(request), null), Read(arguments));

    [Theory]
    [InlineData("--hlep", "'--hlep' has no value: --hlep=value sets one.")]
    [InlineData("--hlep --urls=http://127.0.0.1:0", "'--hlep' has no value: --hlep=value sets one.")]
    [InlineData("--hlep --help", "'--hlep' has no value: --hlep=value sets one.")]
    [InlineData("--urls http://127.0.0.1:0 /tmp", "'/tmp' has no value: /tmp=value sets one.")]
    [InlineData("-v", "'-v' is no option, and settings begin with two dashes.")]
    [InlineData("-urls http://127.0.0.1:0", "'-urls' is no option, and settings begin with two dashes.")]
    [InlineData("-Key:Secret=value", "'-Key:Secret' is no option, and settings begin with two dashes.")]
    [InlineData("-", "'-' is no option, and settings begin with two dashes.")]
    [InlineData("--", "'--' has no value: --=value sets one.")]
    [InlineData("--urls=http://127.0.0.1:0 send", "'send' belongs to no setting.")]
    [InlineData("--urls http://127.0.0.1:0 send", "'send' belongs to no setting.")]
    public void What_the_configuration_would_ignore_or_take_for_something_else_is_a_mistake(string arguments, string mistake) =>
        Assert.Equal((CommandLineRequest.Mistake, mistake), Read(arguments));

    private static (CommandLineRequest Request, string? Mistake) Read(string arguments) =>
        CommandLine.Read(arguments.Length == 0 ? [] : arguments.Split(' '));
}
