using Aspire.Webhooks.Listeners;

namespace Aspire.Webhooks.Tests.Unit.Listeners;

public sealed class EventTypePatternTests
{
    [Theory]
    [InlineData("push", "push", true)]
    [InlineData("push", "Push", false)]
    [InlineData("push", "pushed", false)]
    [InlineData("push", "pus", false)]
    [InlineData("*", "push", true)]
    [InlineData("*", "", true)]
    [InlineData("invoice.*", "invoice.paid", true)]
    [InlineData("invoice.*", "invoice.", true)]
    [InlineData("invoice.*", "invoice", false)]
    [InlineData("invoice.*", "INVOICE.paid", false)]
    [InlineData("invoice.*", "my.invoice.paid", false)]
    [InlineData("in*", "invoice", true)]
    [InlineData("strasse*", "straße", false)]
    [InlineData("a.b", "axb", false)]
    public void A_pattern_is_a_type_or_a_beginning(string pattern, string type, bool matches) =>
        Assert.Equal(matches, EventTypePattern.Parse(pattern).Matches(type));

    [Theory]
    [InlineData("")]
    [InlineData("**")]
    [InlineData("*.paid")]
    [InlineData("in*ce")]
    [InlineData("a*b*")]
    public void A_star_before_the_end_is_refused(string pattern) =>
        Assert.Contains(
            $"'{pattern}'", Assert.Throws<FormatException>(() => EventTypePattern.Parse(pattern)).Message,
            StringComparison.Ordinal);
}
