using System.Text.Json;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

public sealed class FieldLocatorTests
{
    // The document of RFC 6901, section 5, with values that can be ids.
    private const string Document = """
        {"foo":["bar","baz",{"id":7}],"":"empty","a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,
         "yes":true,"none":null,"blank":"","half":"\ud800","twice":"first","twice":"last","01":"x"}
        """;

    [Theory]
    [InlineData("body:/foo/0", "bar")]
    [InlineData("body:/foo/2/id", "7")]
    [InlineData("body:/", "empty")]
    [InlineData("body:/a~1b", "1")]
    [InlineData("body:/c%d", "2")]
    [InlineData("body:/e^f", "3")]
    [InlineData("body:/g|h", "4")]
    [InlineData("body:/i\\j", "5")]
    [InlineData("body:/k\"l", "6")]
    [InlineData("body:/ ", "7")]
    [InlineData("body:/m~0n", "8")]
    [InlineData("body:/yes", "true")]
    [InlineData("body:/twice", "last")]
    [InlineData("body:/01", "x")]
    [InlineData("body:/foo", null)]
    [InlineData("body:/foo/3", null)]
    [InlineData("body:/foo/-", null)]
    [InlineData("body:/foo/01", null)]
    [InlineData("body:/foo/-1", null)]
    [InlineData("body:/foo/99999999999", null)]
    [InlineData("body:/foo/0/x", null)]
    [InlineData("body:/none", null)]
    [InlineData("body:/blank", null)]
    [InlineData("body:/half", "\uFFFD")]
    [InlineData("body:/nowhere", null)]
    public void A_pointer_finds_what_RFC_6901_says(string locator, string? expected)
    {
        using var json = JsonDocument.Parse(Document);
        Assert.Equal(expected, FieldLocator.Parse(locator).Find(new HeaderDictionary(), json.RootElement));
    }

    [Fact]
    public void A_header_is_found_in_any_case_and_only_when_sent_once()
    {
        var locator = FieldLocator.Parse("header:X-Event-Id");

        Assert.Equal("e1", locator.Find(new HeaderDictionary { ["x-event-id"] = "e1" }, null));
        Assert.Null(locator.Find(new HeaderDictionary(), null));
        Assert.Null(locator.Find(new HeaderDictionary { ["X-Event-Id"] = "" }, null));
        Assert.Null(locator.Find(new HeaderDictionary { ["X-Event-Id"] = new[] { "e1", "e2" } }, null));
    }

    [Theory]
    [InlineData("header:X-Id | body:/yes | value:last", "true")]
    [InlineData("body:/nowhere | header:X-Id | value:last", "last")]
    [InlineData("body:/blank | digest | value:last", "of-the-body")]
    [InlineData("body:/g|h | digest", "4")]
    public void The_first_place_that_has_a_value_counts(string locator, string expected)
    {
        using var json = JsonDocument.Parse(Document);
        Assert.Equal(expected, FieldLocator.Parse(locator).Find(new HeaderDictionary(), json.RootElement, () => "of-the-body"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("header:")]
    [InlineData("body:")]
    [InlineData("body:id")]
    [InlineData("query:")]
    [InlineData("cookie:id")]
    [InlineData("digest + ")]
    [InlineData("value:")]
    [InlineData("digest:sha1")]
    [InlineData("header:X | ")]
    [InlineData("header:X | id")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => FieldLocator.Parse(text));

    [Theory]
    [InlineData("header:X-Event-Id")]
    [InlineData("body:/a~1b/m~0n/0")]
    [InlineData("header:X-Event-Id | body:/id | digest")]
    public void The_textual_form_comes_back(string text) => Assert.Equal(text, FieldLocator.Parse(text).ToString());
}
