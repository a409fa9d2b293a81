extern alias Console;

using Console::Aspire.Webhooks.Console.Display;

namespace Aspire.Webhooks.Tests.Unit.Pages;

public sealed class ShownTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_long_text_is_cut_between_characters()
    {
        var cut = Excerpt.Of($"{new string('x', 9)}😀", 10);

        Assert.Equal((new string('x', 9), true), (cut.Text, cut.IsCut));
        Assert.Equal("a<U+202E>b", Excerpt.Of("a\u202eb", 10).Text);
    }

    [Theory]
    [InlineData(0, "now")]
    [InlineData(-42, "42 s ago")]
    [InlineData(-3599, "59 min ago")]
    [InlineData(7200, "in 2 h")]
    [InlineData(-172_800, "2 d ago")]
    public void A_time_is_said_as_people_say_it(int seconds, string expected) =>
        Assert.Equal(expected, TimeText.Relative(Now.AddSeconds(seconds), Now));

    [Fact]
    public void A_command_is_one_for_a_shell_whatever_the_body_has() => Assert.Equal(
        """curl -X POST 'http://x/' \""" + "\n" + """  -H 'a: it'\''s' \""" + "\n" + """  --data-raw '$(reboot)'""",
        CurlCommand.Of("http://x/", [KeyValuePair.Create("a", "it's")], "$(reboot)"));
}
