using System.Text;
using System.Text.Json;
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

    [Theory]
    [InlineData("""{"items":[{"id":1}]}""", true)]
    [InlineData("""{"items":[{"id":1},{"id":2}]}""", false)]
    [InlineData("""{"items":[]}""", false)]
    [InlineData("""{"items":[{}]}""", true)]
    [InlineData("{}", true)]
    [InlineData(null, false)]
    public void A_signed_member_of_an_array_protects_its_only_item(string? json, bool expected) => Assert.Equal(
        expected,
        SignedContent.ParsePartial("{body:/items/0/id}").IsUnambiguous(json is null ? null : JsonElement.Parse(json)));
}
