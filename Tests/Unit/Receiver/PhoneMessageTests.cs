using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Sources;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

public sealed class PhoneMessageTests
{
    private const string Valid = """{"message_id":"msg_001","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00Z","text":"Hello, World!"}""";

    private static readonly DateTimeOffset HalfPastTen = new(2025, 12, 7, 10, 30, 0, TimeSpan.Zero);

    [Fact]
    public void The_message_of_the_specification_is_read() =>
        Assert.Equal(
            new PhoneMessage("msg_001", "+14155552671", "+14155552672", HalfPastTen, "Hello, World!"), Read(Valid, out _));

    [Theory]
    [InlineData("message_id", "\"m\"")]
    [InlineData("message_id", "\" \"")]
    [InlineData("message_id", "\"é🎉\"")]
    [InlineData("from", "\"+12\"")]
    [InlineData("from", "\"+123456789012345\"")]
    [InlineData("to", "\"+999999999999999\"")]
    [InlineData("to", "\"\\u002b14155552672\"")]
    [InlineData("text", "null")]
    [InlineData("text", "\"\"")]
    [InlineData("text", "\"a\\nb\\u0007\"")]
    [InlineData("text", "\"\\ud83c\\udf89\"")]
    [InlineData("more", "{\"from\":1}")]
    public void A_field_may_be(string field, string json)
    {
        Assert.NotNull(Read(With(field, json), out var errors));
        Assert.Empty(errors.All);
    }

    [Theory]
    [InlineData("message_id", "\"\"")]
    [InlineData("message_id", "null")]
    [InlineData("message_id", "7")]
    [InlineData("message_id", "[\"m\"]")]
    [InlineData("message_id", "\"a\\u0000b\"")]
    [InlineData("message_id", "\"a\\nb\"")]
    [InlineData("message_id", "\"\\u0085\"")]
    [InlineData("message_id", "\"\\ud800\"")]
    [InlineData("ts", "\"0001-01-01T00:00:00Z\"")]
    [InlineData("from", "null")]
    [InlineData("from", "14155552671")]
    [InlineData("from", "\"\"")]
    [InlineData("from", "\"+\"")]
    [InlineData("from", "\"+1\"")]
    [InlineData("from", "\"+0123\"")]
    [InlineData("from", "\"+1234567890123456\"")]
    [InlineData("from", "\"14155552671\"")]
    [InlineData("from", "\"0014155552671\"")]
    [InlineData("from", "\" +14155552671\"")]
    [InlineData("from", "\"+14155552671 \"")]
    [InlineData("from", "\"+14155552671\\n\"")]
    [InlineData("from", "\"+1 415 555 2671\"")]
    [InlineData("from", "\"+1-415-555-2671\"")]
    [InlineData("from", "\"+1415555267x\"")]
    [InlineData("from", "\"+1415555267\\u0661\"")]
    [InlineData("from", "\"\\uff0b14155552671\"")]
    [InlineData("from", "\"+\\ud800\"")]
    [InlineData("to", "\"+1\"")]
    [InlineData("to", "{}")]
    [InlineData("ts", "null")]
    [InlineData("ts", "1765103400")]
    [InlineData("ts", "\"\"")]
    [InlineData("ts", "\"1765103400\"")]
    [InlineData("ts", "\"yesterday\"")]
    [InlineData("ts", "\"\\udc00\"")]
    [InlineData("text", "7")]
    [InlineData("text", "true")]
    [InlineData("text", "[]")]
    [InlineData("text", "\"a\\u0000b\"")]
    public void A_field_may_not_be(string field, string json)
    {
        Assert.Null(Read(With(field, json), out var errors));
        Assert.Equal([field], errors.All.Keys, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("message_id")]
    [InlineData("from")]
    [InlineData("to")]
    [InlineData("ts")]
    public void A_field_must_be_there(string field)
    {
        Assert.Null(Read(With(field, null), out var errors));
        Assert.Equal("It is missing.", Assert.Single(errors.All[field]));
    }

    [Fact]
    public void The_text_may_be_absent() => Assert.Null(Read(With("text", null), out _)!.Text);

    [Theory]
    [InlineData("x", 255, true)]
    [InlineData("x", 256, false)]
    public void A_message_id_has_up_to_255_characters(string character, int count, bool valid) =>
        Assert.Equal(valid, Read(With("message_id", Quoted(character, count)), out _) is not null);

    // A character beyond the basic plane is two UTF-16 units and one code point.
    [Theory]
    [InlineData("x", 4096, true)]
    [InlineData("x", 4097, false)]
    [InlineData("é", 4096, true)]
    [InlineData("🎉", 4096, true)]
    [InlineData("🎉", 4097, false)]
    public void A_text_has_up_to_4096_code_points(string character, int count, bool valid) =>
        Assert.Equal(valid, Read(With("text", Quoted(character, count)), out _) is not null);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"+14155552671\"")]
    [InlineData("1")]
    public void A_body_that_is_no_object_is_one_error(string body)
    {
        Assert.Null(Read(body, out var errors));
        Assert.Equal(["body"], errors.All.Keys, StringComparer.Ordinal);
    }

    [Fact]
    public void All_errors_are_told_at_once_and_none_quotes_the_sender()
    {
        const string Mark = "quoted-from-the-sender";
        var body = $$"""{"message_id":"{{Mark}}\n","from":"{{Mark}}","to":["{{Mark}}"],"ts":"{{Mark}}","text":"{{Mark}}\u0000{{new string('x', 5000)}}"}""";

        Assert.Null(Read(body, out var errors));

        Assert.Equal(["from", "message_id", "text", "to", "ts"], errors.All.Keys, StringComparer.Ordinal);
        Assert.Equal(2, errors.All["text"].Length);
        Assert.DoesNotContain(
            Mark, JsonSerializer.Serialize(errors.All, JsonSerializerOptions.Default), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_no_text_hides_no_other() =>
        Assert.NotNull(Read($$"""{{Valid[..^1]}},"\ud800":1}""", out _));

    [Fact]
    public void Half_of_a_surrogate_pair_costs_the_half_alone() => Assert.Equal(
        "Deploy broke \uFFFD.",
        Read($$"""{{Valid[..^1]}},"text":"Deploy broke \ud83d."}""", out _)!.Text);

    private static PhoneMessage? Read(string body, out FieldErrors errors)
    {
        errors = new FieldErrors();
        using var json = JsonDocument.Parse(body);
        return PhoneMessage.Read(json.RootElement, errors);
    }

    // The valid message with one field replaced, added, or left out.
    private static string With(string field, string? json)
    {
        using var valid = JsonDocument.Parse(Valid);
        var members = valid.RootElement.EnumerateObject().Where(member => member.Name != field)
            .Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}");
        return $"{{{string.Join(',', json is null ? members : [.. members, $"\"{field}\":{json}"])}}}";
    }

    private static string Quoted(string character, int count) =>
        new StringBuilder("\"").Insert(1, character, count).Append('"').ToString();
}
