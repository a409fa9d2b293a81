using System.Net;
using System.Text;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.Payloads;
using Aspire.Webhooks.Worker.Events;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>Bodies that are not plain JSON: verified and kept as sent, read as one kind of document.</summary>
public sealed class FormAndCodingTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    [Fact]
    public async Task A_GitHub_form_is_accepted_and_read_as_the_JSON_in_its_payload()
    {
        var id = Delivery.NewId();
        var body = Encoding.UTF8.GetBytes($"payload={Uri.EscapeDataString(Delivery.Body)}");

        var answer = await receiver.Client.PostAsync(
            Typed(Delivery.Signed("github", id, body), "application/x-www-form-urlencoded"));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        using var read = (await LoadAsync(id)).ParseJson();
        Assert.Equal("order.paid", read.RootElement.GetProperty("type").GetString());
    }

    [Theory]
    [InlineData(Delivery.Body)]
    [InlineData("payload=not+json")]
    [InlineData("other=%7B%7D")]
    [InlineData("")]
    public async Task A_GitHub_form_without_JSON_in_its_payload_is_answered_400_and_leaves_no_row(string body)
    {
        var id = Delivery.NewId();

        var answer = await receiver.Client.PostAsync(
            Typed(Delivery.Signed("github", id, Encoding.UTF8.GetBytes(body)), "application/x-www-form-urlencoded"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_compressed_body_is_verified_as_sent_and_read_inflated(string coding)
    {
        var id = Delivery.NewId();
        var body = ContentCodingTests.Coded(coding, Encoding.UTF8.GetBytes(Delivery.Body));

        var answer = await receiver.Client.PostAsync(CodedAs(Delivery.Signed("github", id, body), coding));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(
            body, await Sql.ScalarAsync<byte[]>(
                receiver.Database, $"select body from webhooks.inbound_events where delivery_id = '{id}'"));
        Assert.Equal(Delivery.Body, Encoding.UTF8.GetString((await LoadAsync(id)).Body.Span));
    }

    [Fact]
    public async Task A_body_that_was_signed_before_it_was_compressed_is_answered_401()
    {
        var id = Delivery.NewId();
        var request = Delivery.Signed("github", id);
        request.Content = Delivery.Json(ContentCodingTests.Coded("gzip", Encoding.UTF8.GetBytes(Delivery.Body)));

        Assert.Equal(HttpStatusCode.Unauthorized, (await receiver.Client.PostAsync(CodedAs(request, "gzip"))).Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    // 9 MB of blanks are a few KB: within the limit as sent, above the 8 MiB that a body may inflate to.
    [Fact]
    public async Task A_body_that_inflates_beyond_its_limit_is_answered_413_and_leaves_no_row()
    {
        var id = Delivery.NewId();
        var bomb = ContentCodingTests.Coded("br", Encoding.UTF8.GetBytes($"{{{new string(' ', 9_000_000)}}}"));
        Assert.InRange(bomb.Length, 1, 20_000);

        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge,
            (await receiver.Client.PostAsync(CodedAs(Delivery.Signed("github", id, bomb), "br"))).Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Theory]
    [InlineData("zstd", 415)]
    [InlineData("gzip, gzip", 415)]
    [InlineData("gzip", 400)]
    [InlineData("br", 400)]
    public async Task A_coding_that_is_unknown_or_untrue_is_refused_and_leaves_no_row(string coding, int status)
    {
        var id = Delivery.NewId();

        Assert.Equal(status, (int)(await receiver.Client.PostAsync(CodedAs(Delivery.Signed("github", id), coding))).Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Fact]
    public async Task GitHub_s_ping_is_answered_200_once_it_is_verified_and_leaves_no_row()
    {
        var id = Delivery.NewId();

        var answer = await receiver.Client.PostAsync(SignedRequest.GitHub("""{"zen":"Design for failure.","hook_id":1}""", id, "ping"));
        var forged = await receiver.Client.PostAsync(SignedRequest.GitHub("""{"zen":"Design for failure.","hook_id":1}""", id, "ping", "another secret"));

        Assert.Equal((HttpStatusCode.OK, """{"status":"pong"}"""), (answer.Status, answer.Body));
        Assert.Equal(HttpStatusCode.Unauthorized, forged.Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    private async Task<WebhookEvent> LoadAsync(string deliveryId)
    {
        await using var database = NpgsqlDataSource.Create(receiver.Database);
        var id = await Sql.ScalarAsync<Guid>(
            receiver.Database, $"select id from webhooks.inbound_events where delivery_id = '{deliveryId}'");
        return (await new EventStore(database).LoadAsync(id, TestContext.Current.CancellationToken)).Event;
    }

    private static HttpRequestMessage Typed(HttpRequestMessage request, string contentType)
    {
        request.Content!.Headers.ContentType = new(contentType);
        return request;
    }

    private static HttpRequestMessage CodedAs(HttpRequestMessage request, string coding)
    {
        request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        return request;
    }
}
