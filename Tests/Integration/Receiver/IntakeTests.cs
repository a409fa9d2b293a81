using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class IntakeTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string GitHubBody = """{"ref":"refs/heads/main","commits":[]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signed_event_is_answered_202_and_stored_exactly_as_it_was_signed()
    {
        var id = Delivery.NewId();
        var answer = await receiver.Client.PostAsync(SignedRequest.GitHub(GitHubBody, id));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("""{"status":"accepted"}""", answer.Body);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal(
            GitHubBody,
            await Sql.ScalarAsync<string>(
                receiver.Database, $"select convert_from(body, 'UTF8') from webhooks.inbound_events where delivery_id = '{id}'"));
        Assert.Equal(1, await Sql.CountAsync(
            receiver.Database,
            $"webhooks.jobs j join webhooks.inbound_events e on e.id = j.ref_id where delivery_id = '{id}' and kind = 'event' "
                + $"and state = 'pending'"));
    }

    [Theory]
    [InlineData("github", 202, """{"status":"accepted"}""", """{"status":"duplicate"}""")]
    [InlineData("standard", 202, """{"status":"accepted"}""", """{"status":"duplicate"}""")]
    [InlineData("provider", 200, """{"ok":true,"queued":true}""", """{"ok":true,"duplicate":true}""")]
    public async Task A_duplicate_delivery_is_answered_200_and_leaves_one_row_and_one_job(
        string scheme, int status, string accepted, string duplicate)
    {
        var id = Delivery.NewId();

        var first = await receiver.Client.PostAsync(Delivery.Signed(scheme, id));
        var second = await receiver.Client.PostAsync(Delivery.Signed(scheme, id));

        Assert.Equal((status, accepted), ((int)first.Status, first.Body));
        Assert.Equal((HttpStatusCode.OK, duplicate), (second.Status, second.Body));
        Assert.Equal(1, await receiver.EventsAsync(id));
        Assert.Equal(1, await receiver.JobsAsync(id));
    }

    [Fact]
    public async Task A_duplicate_with_another_body_does_not_change_what_was_stored()
    {
        var id = Delivery.NewId();

        await receiver.Client.PostAsync(Delivery.Signed("github", id, """{"first":true}"""));
        var second = await receiver.Client.PostAsync(Delivery.Signed("github", id, """{"second":true}"""));

        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Equal(1, await Sql.CountAsync(
            receiver.Database, $$"""webhooks.inbound_events where delivery_id = '{{id}}' and body = '{"first":true}'"""));
    }

    [Fact]
    public async Task The_same_delivery_id_from_two_sources_is_two_events()
    {
        var id = Delivery.NewId();

        var answers = await receiver.Client.PostAllAsync(
            [Delivery.Signed("github", id), Delivery.Signed("standard", id), Delivery.Signed("provider", id)]);

        Assert.Equal([202, 202, 200], answers.Select(answer => (int)answer.Status));
        Assert.Equal(3, await receiver.JobsAsync(id));
    }

    [Fact]
    public async Task Delivery_ids_that_differ_in_case_alone_are_two_events_and_source_names_that_do_are_one_source()
    {
        var id = Delivery.NewId();

        var first = await receiver.Client.PostAsync(SignedRequest.GitHub(GitHubBody, id));
        var other = await receiver.Client.PostAsync(SignedRequest.GitHub(GitHubBody, id.ToUpperInvariant()));
        var again = await receiver.Client.PostAsync(SignedRequest.GitHub(GitHubBody, id, path: "/webhooks/GitHub"));

        Assert.Equal(
            [HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.OK], [first.Status, other.Status, again.Status]);
    }

    [Fact]
    public async Task The_body_is_stored_byte_for_byte_with_its_spaces_order_and_escapes()
    {
        var id = Delivery.NewId();
        var body = Encoding.UTF8.GetBytes(" { \"z\" : 1.0 ,\r\n\t\"a\":\"\\u00e9 é 🎉\", \"a\":1e2 } \n");

        var answer = await receiver.Client.PostAsync(Delivery.Signed("github", id, body));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(
            body, await Sql.ScalarAsync<byte[]>(
                receiver.Database, $"select body from webhooks.inbound_events where delivery_id = '{id}'"));
    }

    [Theory]
    [InlineData("github", "User-Agent,X-GitHub-Delivery,X-GitHub-Event")]
    [InlineData("standard", "User-Agent,webhook-id,webhook-timestamp")]
    [InlineData("provider", "User-Agent,X-Event-Id,X-Webhook-Timestamp")]
    public async Task Only_allow_listed_headers_are_stored(string scheme, string allowed)
    {
        var id = Delivery.NewId();
        var request = Delivery.Signed(scheme, id)
            .With("User-Agent", "hook/1.0").With("Authorization", "Bearer abc").With("Cookie", "session=abc")
                .With("X-Anything", "x");

        await receiver.Client.PostAsync(request);

        var stored = await Sql.ScalarAsync<string>(
            receiver.Database, $"select headers::text from webhooks.inbound_events where delivery_id = '{id}'");
        var names = JsonElement.Parse(stored!).EnumerateObject().Select(header => header.Name);
        Assert.Equal(allowed.Split(',').Order(StringComparer.OrdinalIgnoreCase), names.Order(StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-")]
    [InlineData("not a trace", "00-")]
    [InlineData(null, "00-")]
    public async Task The_stored_trace_context_is_always_a_W3C_one(string? sent, string expected)
    {
        var id = Delivery.NewId();
        var request = Delivery.Signed("github", id).With("Request-Id", "|legacy.1.");
        if (sent is not null)
        {
            request.With("traceparent", sent);
        }

        await receiver.Client.PostAsync(request);

        var stored = await Sql.ScalarAsync<string>(
            receiver.Database, $"select traceparent from webhooks.inbound_events where delivery_id = '{id}'");
        Assert.StartsWith(expected, stored, StringComparison.Ordinal);
        Assert.Equal(55, stored!.Length);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Other_methods_on_the_route_are_answered_405(string method)
    {
        using var request = new HttpRequestMessage(new(method), "/webhooks/github");
        using var answer = await receiver.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Theory]
    [InlineData("/webhooks/nobody")]
    [InlineData("/webhooks/github%00")]
    [InlineData("/webhooks/github/more")]
    [InlineData("/webhooks/")]
    [InlineData("/webhooks/%F0%9F%8E%89")]
    public async Task An_unknown_source_is_answered_4xx_and_nothing_is_stored(string path)
    {
        var id = Delivery.NewId();
        var answer = await receiver.Client.PostAsync(SignedRequest.GitHub(GitHubBody, id, path: path));

        Assert.True(answer.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{answer.Status}");
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Fact]
    public async Task An_unknown_source_is_answered_404()
    {
        var answer = await receiver.Client.PostAsync(SignedRequest.GitHub(GitHubBody, path: "/webhooks/nobody"));

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
    }
}
