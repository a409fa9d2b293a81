using System.Text;
using Aspire.Webhooks.Worker.Agents;
using FsCheck;
using FsCheck.Fluent;

namespace Aspire.Webhooks.Tests.Unit.Worker;

public sealed class UntrustedTextTests
{
    [Theory]
    [InlineData("plain, ünïcödé, 日本, 😀, tab\tand\nline", "plain, ünïcödé, 日本, 😀, tab\tand\nline")]
    [InlineData("zero\u200Bwidth", "zero<U+200B>width")]
    [InlineData("\u202Eright to left\u202C", "<U+202E>right to left<U+202C>")]
    [InlineData("\u2066isolate\u2069", "<U+2066>isolate<U+2069>")]
    [InlineData("tags\U000E0041\U000E0042", "tags<U+E0041><U+E0042>")]
    [InlineData("bytes\uFE00\U000E0100", "bytes<U+FE00><U+E0100>")]
    [InlineData("\uFEFFmark", "<U+FEFF>mark")]
    [InlineData("soft\u00ADhyphen", "soft<U+00AD>hyphen")]
    [InlineData("esc\u001B[2J\r", "esc<U+001B>[2J<U+000D>")]
    [InlineData("\u2028line\u2029", "<U+2028>line<U+2029>")]
    [InlineData("fill\u3164er", "fill<U+3164>er")]
    [InlineData("private\uE000", "private<U+E000>")]
    public void What_cannot_be_seen_is_spelt_out(string text, string visible) =>
        Assert.Equal(visible, UntrustedText.Visible(text));

    [Fact]
    public void Half_a_surrogate_pair_is_spelt_out() => Assert.Equal("<U+D800>x<U+DC00>", UntrustedText.Visible("\ud800x\udc00"));

    [Fact]
    public void Visible_text_stays_the_same_instance()
    {
        const string text = "nothing hidden here";

        Assert.Same(text, UntrustedText.Visible(text));
    }

    [Fact]
    public void Boundaries_are_128_random_bits()
    {
        var boundaries = Enumerable.Range(0, 1000).Select(_ => UntrustedText.NewBoundary()).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(1000, boundaries.Count);
        Assert.All(boundaries, boundary => Assert.Matches("^data-[0-9a-f]{32}$", boundary));
    }

    [Fact]
    public void Text_that_holds_the_boundary_is_refused() =>
        Assert.Throws<ArgumentException>(() => UntrustedText.Enclose("… [data-1 end] …", "x", "DATA-1"));

    [Fact]
    public void Whatever_the_text_there_is_one_beginning_and_one_end() => Prop.ForAll<string?>(value =>
    {
        var boundary = UntrustedText.NewBoundary();
        var enclosed = UntrustedText.Enclose(value ?? "", "label", boundary);
        var lines = enclosed.Split('\n');
        return enclosed.Split(boundary).Length == 3 && lines[0] == $"[{boundary} begin: label]"
            && lines[^1] == $"[{boundary} end]"
            && enclosed.EnumerateRunes().All(rune => rune != Rune.ReplacementChar || value!.Contains('\uFFFD'));
    }).QuickCheckThrowOnFailure();
}
