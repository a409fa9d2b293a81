using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>Delivery ids and event types as a hostile or broken sender writes them.</summary>
public sealed class EventFieldTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private Task<long> AllAsync() => Sql.CountAsync(receiver.Database, "webhooks.inbound_events where source = 'by-body'");

    public static TheoryData<string, string?> BadHeaders()
    {
        var data = new TheoryData<string, string?>();
        foreach (var header in new[] { "X-GitHub-Delivery", "X-GitHub-Event" })
        {
            foreach (var value in new[] { null, "", " ", new string('x', 256), "a\u0001b", "a\tb", "a\u007fb" })
            {
                data.Add(header, value);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public async Task A_header_without_a_usable_id_or_type_is_answered_400_and_leaves_no_row(string header, string? value)
    {
        var body = JsonSerializer.Serialize(Delivery.NewId());
        var request = SignedRequest.GitHub(body);
        request.Headers.Remove(header);
        if (value is not null)
        {
            request.With(header, value);
        }

        var answer = await receiver.Client.PostAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(0, await Sql.CountAsync(receiver.Database, $"webhooks.inbound_events where body = '{body}'"));
    }

    public static TheoryData<string> BadValues() =>
    [
        "null", "{}", "[]", "[\"x\"]", "\"\"",
        "\"a\\u0000b\"", "\"\\u0000\"", "\"a\\nb\"", "\"\\u001b[31m\"", "\"\\u0085\"",
        $"\"{new string('x', 256)}\"", new string('9', 256),
    ];

    [Theory]
    [MemberData(nameof(BadValues))]
    public async Task A_body_without_a_usable_id_or_type_is_answered_400_and_leaves_no_row(string json)
    {
        var before = await AllAsync();

        foreach (var body in new[] { $$$"""{"meta":{"id":{{{json}}},"type":"t"}}""", $$$"""{"meta":{"id":"i","type":{{{json}}}}}""" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(body)).Status);
        }

        Assert.Equal(before, await AllAsync());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("""{"meta":1}""")]
    [InlineData("""{"meta":{"id":"i"}}""")]
    [InlineData("""{"Meta":{"id":"i","type":"t"}}""")]
    public async Task A_body_without_the_fields_is_answered_400(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(body)).Status);

    // Two ids that differ in the half alone would become the same.
    [Theory]
    [InlineData(@"\ud800")]
    [InlineData(@"\udc00x")]
    [InlineData(@"x\ud800\ud800")]
    public async Task An_id_with_half_of_a_surrogate_pair_is_answered_400_and_a_type_with_one_is_stored_with_U_FFFD(string text)
    {
        var id = Delivery.NewId();

        var refused = await PostAsync($$$"""{"meta":{"id":"{{{text}}}","type":"t"}}""");
        var accepted = await PostAsync($$$"""{"meta":{"id":"{{{id}}}","type":"{{{text}}}"}}""");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Accepted), (refused.Status, accepted.Status));
        Assert.Equal(
            text.Replace(@"\ud800", "\uFFFD", StringComparison.Ordinal).Replace(@"\udc00", "\uFFFD", StringComparison.Ordinal),
            await Sql.ScalarAsync<string>(
                receiver.Database, $"select event_type from webhooks.inbound_events where delivery_id = '{id}'"));
    }

    // Half a surrogate pair as a property's name: valid JSON, but a name that cannot be compared.
    [Theory]
    [InlineData("""{"\ud800":1,"meta":{"id":"i","type":"t"}}""")]
    [InlineData("""{"meta":{"id":"i","type":"t"},"\ud800":1}""")]
    [InlineData("""{"meta":{"id":"i","type":"t","\udc00":1}}""")]
    [InlineData("""{"meta":{"id":"i","type":"t","ty\ud800":1}}""")]
    public async Task A_property_name_that_is_no_text_is_never_answered_5xx(string body) =>
        Assert.InRange((int)(await PostAsync(body)).Status, 200, 499);

    [Theory]
    [InlineData("\"é🎉\"", "é🎉")]
    [InlineData("\"\\ud83c\\udf89\"", "🎉")]
    [InlineData("42", "42")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    [InlineData("\"a'; drop table webhooks.jobs; --\"", "a'; drop table webhooks.jobs; --")]
    public async Task Unusual_but_usable_fields_are_stored_as_text(string json, string expected)
    {
        var id = Delivery.NewId();

        var answer = await PostAsync($$$"""{"meta":{"id":"{{{id}}}","type":{{{json}}}}}""");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(
            expected,
            await Sql.ScalarAsync<string>(
            receiver.Database, $"select event_type from webhooks.inbound_events where delivery_id = '{id}'"));
    }

    [Fact]
    public async Task Fields_of_255_characters_are_stored_even_when_each_takes_four_bytes()
    {
        var text = string.Concat(Enumerable.Repeat("🎉", 127)) + "x";

        var answer = await PostAsync($$$"""{"meta":{"id":"{{{text}}}","type":"{{{text}}}"}}""");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
    }

    private Task<Answer> PostAsync(string body) =>
        receiver.Client.PostAsync(Delivery.Signed("github", "unused", Encoding.UTF8.GetBytes(body), path: "/webhooks/by-body"));
}
