using Aspire.Webhooks.AppHost;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

public sealed class DotEnvTests
{
    [Theory]
    [InlineData("KEY=value", "value")]
    [InlineData("  KEY = value  ", "value")]
    [InlineData("export KEY=value", "value")]
    [InlineData("KEY=", "")]
    [InlineData("KEY=\"a value\"", "a value")]
    [InlineData("KEY='a # value' # why", "a # value")]
    [InlineData("KEY=value # why", "value")]
    [InlineData("KEY=value#kept", "value#kept")]
    [InlineData("KEY=whsec_ab+/cd==", "whsec_ab+/cd==")]
    [InlineData("KEY=old\nKEY=new", "new")]
    [InlineData("OTHER=1\r\nKEY=value\r\n", "value")]
    [InlineData("KEY=\"open", "\"open")]
    [InlineData("KEY=\"open\nOTHER=1", "\"open")]
    [InlineData("KEY=a value", "a value")]
    [InlineData("KEY=it's", "it's")]
    [InlineData("KEY=a\"b", "a\"b")]
    [InlineData("KEY=#value", "#value")]
    [InlineData("KEY=pa$$word", "pa$$word")]
    [InlineData("KEY=\"$HOME ${HOME}\"", "$HOME ${HOME}")]
    [InlineData("KEY=\"a\\nb\"", "a\\nb")]
    [InlineData("no pair\nKEY=value", "value")]
    [InlineData("Webhooks:Name=x\nKEY=value", "value")]
    [InlineData("# KEY=value", null)]
    [InlineData("=value", null)]
    [InlineData("KEY", null)]
    [InlineData("", null)]
    public void A_line_gives_its_value(string text, string? expected) =>
        Assert.Equal(expected, DotEnv.Parse(text).GetValueOrDefault("KEY"));

    [Theory]
    [InlineData("", "new", "KEY=new\n")]
    [InlineData("# why\nKEY=old # why\nOTHER=1", "new", "# why\nKEY=new\nOTHER=1\n")]
    [InlineData("KEY=old\nKEY=older\n", "new", "KEY=old\nKEY=new\n")]
    [InlineData("export KEY=old\r\nOTHER=1\r\n", "a # b", "KEY=\"a # b\"\nOTHER=1\n")]
    [InlineData("OTHER=KEY=\n\n", " \"x\" ", "OTHER=KEY=\nKEY=' \"x\" '\n")]
    [InlineData("KEY=old\n", "", "KEY=\n")]
    [InlineData("KEY=old\n", "whsec_ab+/cd==", "KEY=whsec_ab+/cd==\n")]
    public void A_value_is_set_and_the_other_lines_stay(string text, string value, string expected)
    {
        var set = DotEnv.Set(text, new Dictionary<string, string>(StringComparer.Ordinal) { ["KEY"] = value });

        Assert.Equal(expected, set);
        Assert.Equal(value, DotEnv.Parse(set)["KEY"]);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\"b' # c")]
    public void A_value_that_no_line_can_hold_is_refused(string value) => Assert.Throws<FormatException>(
        () => DotEnv.Set("KEY=old", new Dictionary<string, string>(StringComparer.Ordinal) { ["KEY"] = value }));

    [Fact]
    public async Task What_is_set_already_wins_and_what_is_empty_does_not()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "SET=file\nEMPTY=file\nUNSET=file", TestContext.Current.CancellationToken);
            using var configuration = new ConfigurationManager();
            configuration.AddInMemoryCollection(
                new Dictionary<string, string?>(StringComparer.Ordinal) { ["SET"] = "environment", ["EMPTY"] = "" });

            configuration.AddDotEnv(file);

            Assert.Equal("environment file file", $"{configuration["SET"]} {configuration["EMPTY"]} {configuration["UNSET"]}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void No_file_is_no_error()
    {
        using var configuration = new ConfigurationManager();
        configuration.AddDotEnv(Path.Combine(Path.GetTempPath(), "no-such-folder", ".env"));
        Assert.Empty(configuration.AsEnumerable());
    }
}
