using System.Buffers;
using System.Text;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Tests.Unit.Signing;

public sealed class SignedContentTests
{
    [Theory]
    [InlineData("{body}", "B")]
    [InlineData("{timestamp}.{body}", "T.B")]
    [InlineData("{id}.{timestamp}.{body}", "I.T.B")]
    [InlineData("v0:{timestamp}:{body}", "v0:T:B")]
    [InlineData("{timestamp}{body}", "TB")]
    public void A_template_is_filled_in(string template, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        SignedContent.Parse(template).Write(output, "I", "T", "B"u8);
        Assert.Equal(expected, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{timestamp}")]
    [InlineData("{boddy}")]
    [InlineData("{body")]
    public void A_template_that_would_not_protect_the_body_is_refused(string template) =>
        Assert.Throws<FormatException>(() => SignedContent.Parse(template));
}
