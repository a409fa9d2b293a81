using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

/// <summary>Requests for a replay that are refused before anything is looked for.</summary>
public sealed class ReplayRequestTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/replays", """{"reason":"why"}""", "filter")]
    [InlineData("/replays", """{"filter":{},"reason":"why"}""", "filter")]
    [InlineData("/replays", """{"filter":{},"reason":"why","dry_run":true}""", "filter")]
    [InlineData("/replays", """{"filter":{"source":"github"},"all":true,"reason":"why"}""", "all")]
    [InlineData("/replays", """{"filter":{"source":"github"}}""", "reason")]
    [InlineData("/replays", """{"filter":{"source":"github"},"reason":" "}""", "reason")]
    [InlineData("/replays", """{"filter":{"source":"github"},"reason":"\u0000"}""", "reason")]
    [InlineData("/replays", """{"filter":{"source":"\u0000"},"reason":"why"}""", "filter.source")]
    [InlineData("/replays", """{"filter":{"state":"done"},"reason":"why"}""", "filter.state")]
    [InlineData("/replays", """{"filter":{"since":"now"},"reason":"why"}""", "filter.since")]
    [InlineData("/replays", """{"filter":{"source":"github"},"reason":"why","limit":0}""", "limit")]
    [InlineData("/replays", """{"filter":{"source":"github"},"reason":"why","limit":100001}""", "limit")]
    [InlineData("/replays", """{"filter":{"source":"github"},"reason":"why","per_second":0}""", "per_second")]
    [InlineData("/events/00000000-0000-0000-0000-000000000000/replay", "{}", "reason")]
    public async Task A_replay_that_makes_no_sense_is_refused_under_the_field_s_name(string path, string body, string field)
    {
        using var answer = await receiver.Operator.PostAsync(path, Delivery.Json(body), Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, Assert.Single(JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).Fields()));
    }

    [Theory]
    [InlineData("/replays", "filter", "reason")]
    [InlineData("/events/00000000-0000-0000-0000-000000000000/replay", "reason")]
    public async Task Without_a_body_the_members_that_are_needed_are_named(string path, params string[] fields)
    {
        using var answer = await receiver.Operator.PostAsync(path, content: null, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(
            fields, JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).Fields(), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("""{"raeson":"why"}""", "$.raeson (line 1, position 11)", "filter, reason, all, dry_run, limit, per_second")]
    [InlineData("{\n  \"reason\": why\n}", "$.reason (line 2, position 13)", "filter, reason, all, dry_run, limit, per_second")]
    public async Task A_body_that_cannot_be_read_is_told_where_and_which_members_there_are(
        string body, string place, string members)
    {
        using var answer = await receiver.Operator.PostAsync("/replays", Delivery.Json(body), Cancellation);

        var detail = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).GetProperty("detail").GetString();
        Assert.StartsWith($"The body cannot be read at {place}: ", detail, StringComparison.Ordinal);
        Assert.EndsWith($"The members of a body are {members}.", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("null", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"reason":1}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"reason":"why","raeson":"why"}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"reason":"why","filter":{"surce":"github"}}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"reason":"why"}""", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("""{"reason":"why"}""", "application/json; charset=utf-7", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("""{"reason":"why"}""", "application/json; charset=none-such", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("""{"reason":"why"}""", null, HttpStatusCode.UnsupportedMediaType)]
    public async Task A_body_that_cannot_be_read_is_refused_as_a_problem(string body, string? contentType, HttpStatusCode status)
    {
        foreach (var path in new[] { "/replays", $"/events/{None}/replay" })
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
            using var answer = await receiver.Operator.PostAsync(path, content, Cancellation);

            Assert.Equal(
                (status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            var problem = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.DoesNotContain("Aspire.Webhooks.", problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\uFEFF{\"filter\":{\"type\":\"none\"},\"dry_run\":true}")]
    [InlineData(@"{""filter"":{""type"":""no\ud83dne""},""reason"":""Deploy broke \udc00"",""dry_run"":true}")]
    public async Task A_byte_order_mark_and_half_of_a_surrogate_pair_are_no_reason_to_refuse_a_body(string body)
    {
        using var answer = await receiver.Operator.PostAsync("/replays", Delivery.Json(body), Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_refused_413(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/replays")
        {
            Content = Delivery.Json($$"""{"reason":"{{new string('x', 65_536)}}"}"""), Headers = { TransferEncodingChunked = chunked, ExpectContinue = !chunked },
        };
        using var answer = await receiver.Operator.SendAsync(request, Cancellation);

        Assert.Equal(
            (HttpStatusCode.RequestEntityTooLarge, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }
}
