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
    [InlineData("{url}{body}", "UB")]
    [InlineData("{url}{form}", "UF")]
    [InlineData("é{body}é", "éBé")]
    [InlineData("}{body}}", "}B}")]
    public void A_template_is_filled_in(string template, string expected)
    {
        var values = new SignedValues { Id = "I", Timestamp = "T", Url = "U", Form = "F", Body = "B"u8 };
        var content = SignedContent.Parse(template);
        var output = new byte[content.MaxLength(values)];
        Assert.Equal(expected, Encoding.UTF8.GetString(output.AsSpan(0, content.Write(output, values))));
        Assert.Equal(template, content.ToString());
    }

    [Theory]
    [InlineData("", "leaves out {body}")]
    [InlineData("body", "leaves out {body}")]
    [InlineData("{timestamp}", "leaves out {body}")]
    [InlineData("{url}", "leaves out {body}")]
    [InlineData("{form}", "{form} without {url}")]
    [InlineData("{id}{form}", "{form} without {url}")]
    [InlineData("{Body}", "{Body}")]
    [InlineData("{{body}}", "{{body}")]
    [InlineData("{boddy}", "{boddy}")]
    [InlineData("{body", "unclosed brace")]
    [InlineData("{body}{", "unclosed brace")]
    public void A_template_that_would_not_protect_the_body_is_refused(string template, string reason) => Assert.Contains(
        reason, Assert.Throws<FormatException>(() => SignedContent.Parse(template)).Message, StringComparison.Ordinal);
}
