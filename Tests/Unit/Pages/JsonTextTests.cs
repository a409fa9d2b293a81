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
    public void Formatted_text_keeps_names_numbers_and_order(string json, string expected) => Assert.Equal(expected, Text(json));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\":1,}")]
    [InlineData("hello")]
    [InlineData("{\"cut\":\"he")]
    public void Text_that_is_not_JSON_is_not_formatted(string text) => Assert.Null(JsonText.Format(text));

    [Fact]
    public void Text_that_is_nested_too_deeply_is_not_formatted() =>
        Assert.Null(JsonText.Format(new string('[', 65) + new string(']', 65)));

    [Fact]
    public void Text_that_would_be_mostly_indentation_is_not_formatted()
    {
        var array = $"[{string.Join(',', Enumerable.Repeat('1', 1000))}]";

        Assert.NotNull(JsonText.Format(array));
        Assert.Null(JsonText.Format($"{new string('[', 60)}{array}{new string(']', 60)}"));
    }

    [Theory]
    [InlineData("""{"x":[1,2,{"y":null,"z":"a\"b\\"}],"t":true,"f":false,"n":-0.5e-7}""")]
    [InlineData("""["\ud83d\ude00",{"":""},[[[]]]]""")]
    public void Formatted_text_is_the_same_JSON(string json) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), JsonElement.Parse(Text(json)!)));

    private static string? Text(string json) =>
        JsonText.Format(json) is { } pieces ? string.Concat(pieces.Select(piece => piece.Text)) : null;
}
