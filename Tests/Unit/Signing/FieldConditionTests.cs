using System.Text.Json;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

public sealed class FieldConditionTests
{
    [Theory]
    [InlineData("body:/type=ping", true)]
    [InlineData("body:/type=pong", false)]
    [InlineData("body:/type=Ping", false)]
    [InlineData("body:/type=", false)]
    [InlineData("body:/none=ping", false)]
    [InlineData("body:/type", true)]
    [InlineData("body:/none", false)]
    [InlineData("!body:/none", true)]
    [InlineData("!body:/type", false)]
    [InlineData("header:X-Kind=a=b", true)]
    [InlineData("header:X-Kind=a", false)]
    [InlineData("query:code=7", true)]
    [InlineData("!query:code", false)]
    [InlineData("query:none", false)]
    public void A_condition_holds_for_a_value_a_presence_or_an_absence(string text, bool expected)
    {
        var headers = new HeaderDictionary { ["X-Kind"] = "a=b" };
        var condition = FieldCondition.Parse(text);

        Assert.Equal(
            expected, condition.Holds(headers, JsonElement.Parse("""{"type":"ping"}"""), "https://hooks.example.com/x?code=7"));
        Assert.Equal(text, condition.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("=ping")]
    [InlineData("type=ping")]
    [InlineData("!!body:/type")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => FieldCondition.Parse(text));

    [Theory]
    [InlineData(null, null, null, false, false)]
    [InlineData("header:X", "header:X", "header:X", false, false)]
    [InlineData("body:/c", null, null, true, false)]
    [InlineData(null, "body:/t", null, true, false)]
    [InlineData(null, null, "body:/a=b", true, false)]
    [InlineData("query:c", null, null, false, true)]
    [InlineData(null, "query:t", null, false, true)]
    [InlineData(null, null, "!query:a", false, true)]
    [InlineData("query:c", "body:/t", null, true, true)]
    public void A_handshake_reads_the_body_or_the_query_if_one_of_its_fields_does(
        string? challenge, string? token, string? when, bool body, bool query)
    {
        var handshake = new Handshake
        {
            Name = "test", Challenge = challenge is null ? null : FieldLocator.Parse(challenge),
            Token = token is null ? null : FieldLocator.Parse(token),
            When = when is null ? [] : [FieldCondition.Parse("header:X"), FieldCondition.Parse(when)],
        };

        Assert.Equal((body, query), (handshake.ReadsBody, handshake.ReadsQuery));
    }
}
