extern alias Console;

using System.Text.Json;
using Console::Aspire.Webhooks.Console.Display;

namespace Aspire.Webhooks.Tests.Unit.Pages;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("""{"a":1e400,"a":0.10,"b":"\u202e<b>"}""", "{\n  \"a\": 1e400,\n  \"a\": 0.10,\n  \"b\": \"\\u202e<b>\"\n}")]
    [InlineData("[]", "[]")]
    [InlineData("[[],{}]", "[\n  [],\n  {}\n]")]
    [InlineData(" 12345678901234567890123 ", "12345678901234567890123")]
    [InlineData("\"é\"", "\"é\"")]
    public void A_layout_keeps_what_was_sent(string json, string expected) => Assert.Equal(expected, Text(json));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\":1,}")]
    [InlineData("hello")]
    [InlineData("{\"cut\":\"he")]
    public void What_is_not_JSON_has_no_layout(string text) => Assert.Null(JsonText.Layout(text));

    [Fact]
    public void What_is_nested_too_deeply_has_no_layout() =>
        Assert.Null(JsonText.Layout(new string('[', 65) + new string(']', 65)));

    [Theory]
    [InlineData("""{"x":[1,2,{"y":null,"z":"a\"b\\"}],"t":true,"f":false,"n":-0.5e-7}""")]
    [InlineData("""["\ud83d\ude00",{"":""},[[[]]]]""")]
    public void A_layout_means_the_same(string json) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), JsonElement.Parse(Text(json)!)));

    private static string? Text(string json) =>
        JsonText.Layout(json) is { } pieces ? string.Concat(pieces.Select(piece => piece.Text)) : null;
}
