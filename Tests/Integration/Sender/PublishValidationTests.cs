using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class PublishValidationTests(RunningSender sender, TestStack stack) : IClassFixture<RunningSender>
{
    private const string Publish = "messages:write";
    private const string Good = """{"event_type":"invoice.paid","payload":{}}""";
    private const int MaxPayload = 256 * 1024;

    private static readonly string Long = new('x', 256);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> BadFields => new()
    {
        { """{"payload":{}}""", "event_type" },
        { """{"event_type":"","payload":{}}""", "event_type" },
        { """{"event_type":"a\nb","payload":{}}""", "event_type" },
        { $$$"""{"event_type":"{{{Long}}}","payload":{}}""", "event_type" },
        { """{"event_type":"invoice.paid"}""", "payload" },
        { """{"event_type":"invoice.paid","payload":null}""", "payload" },
        { """{"event_type":"invoice.paid","payload":"text"}""", "payload" },
        { """{"event_type":"invoice.paid","payload":7}""", "payload" },
    };

    [Theory]
    [MemberData(nameof(BadFields))]
    public async Task A_bad_field_is_400_and_named(string body, string field)
    {
        var (status, problem) = await PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], problem.Fields(), StringComparer.Ordinal);
        await AssertNothingIsStoredAsync();
    }

    [Theory]
    [InlineData("""{"event_type":"invoice.paid","payload":{}}""")]
    [InlineData("""{"merchant_id":" ","event_type":"invoice.paid","payload":{}}""")]
    [InlineData("""{"merchant_id":"a\u0000b","event_type":"invoice.paid","payload":{}}""")]
    public async Task An_administrator_without_a_merchant_must_name_one(string body)
    {
        var (status, problem) = await PostAsync(body, OperatorToken.Create(OperatorToken.Scope("messages:write admin")));

        Assert.Equal((HttpStatusCode.BadRequest, "merchant_id"), (status, Assert.Single(problem.Fields())));
    }

    [Fact]
    public async Task An_administrator_publishes_for_the_merchant_that_is_named()
    {
        var merchant = new Outbox(sender.Database).Merchant;

        var (status, _) = await PostAsync(
            $$$"""{"merchant_id":"{{{merchant}}}","event_type":"invoice.paid","payload":{}}""", OperatorToken.Create(OperatorToken.Scope("messages:write admin")));

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(1, await Sql.CountAsync(sender.Database, $"webhooks.messages where merchant_id = '{merchant}'"));
    }

    public static TheoryData<string, string?, HttpStatusCode> Tokens => new()
    {
        { "no token", null, HttpStatusCode.Unauthorized },
        { "expired", OperatorToken.Create(OperatorToken.Scope(Publish), validFor: TimeSpan.FromHours(-1), merchant: "m"),
            HttpStatusCode.Unauthorized },
        { "another audience", OperatorToken.Create(OperatorToken.Scope(Publish), audience: "x", merchant: "m"),
            HttpStatusCode.Unauthorized },
        { "no merchant", OperatorToken.Create(OperatorToken.Scope(Publish)), HttpStatusCode.Forbidden },
        { "an administrator who may not publish", OperatorToken.Create(OperatorToken.Scope("admin")), HttpStatusCode.Forbidden },
        { "another scope", OperatorToken.Of("m", "webhooks:write"), HttpStatusCode.Forbidden },
        { "another merchant", OperatorToken.Of("another", Publish), HttpStatusCode.Forbidden },
        { "an administrator of another merchant", OperatorToken.Of("another", "messages:write admin"), HttpStatusCode.Forbidden },
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task Nobody_publishes_for_a_merchant_that_the_token_is_not_for(
        string why, string? token, HttpStatusCode expected)
    {
        var (status, _) = await PostAsync("""{"merchant_id":"m","event_type":"invoice.paid","payload":{}}""", token, anonymous: token is null);

        Assert.True(expected == status, $"{why}: {status}");
        await AssertNothingIsStoredAsync();
    }

    [Fact]
    public async Task A_type_that_the_catalogue_does_not_have_is_422()
    {
        var (status, problem) = await PostAsync("""{"event_type":"nobody.knows","payload":{}}""");

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "event_type"), (status, Assert.Single(problem.Fields())));
        Assert.DoesNotContain("nobody.knows", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"event_type":7,"payload":{}}""")]
    [InlineData("""{"event_type":"invoice.paid","payload":{},"unknown":1}""")]
    [InlineData("""{"event_type":"invoice.paid","payload":{},"payload":{"a":1}}""")]
    public async Task A_body_that_cannot_be_read_is_400(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(body)).Status);

    [Fact]
    public async Task A_payload_that_is_not_UTF_8_is_400()
    {
        byte[] body = [.. "{\"event_type\":\"invoice.paid\",\"payload\":{\"text\":\""u8, 0xff, .. "\"}}"u8];
        using var client = sender.NewClient("m", Publish);
        using var content = Delivery.Json(body);

        using var answer = await client.PostAsync("/api/v1/messages", content, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=x-nobody-knows")]
    [InlineData("application/json; charset=utf-16")]
    public async Task A_body_of_another_type_or_charset_is_415(string type)
    {
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await StatusOfAsync(type));
    }

    [Fact]
    public async Task A_name_that_is_there_twice_in_a_payload_is_between_sender_and_receiver()
    {
        var merchant = new Outbox(sender.Database).Merchant;

        var (status, _) = await PostAsync("""{"event_type":"invoice.paid","payload":{"a":1,"a":2}}""", OperatorToken.Of(merchant, Publish));

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(1, await Sql.CountAsync(sender.Database, $$$"""webhooks.messages where merchant_id = '{{{merchant}}}' and payload = '{"a":1,"a":2}'::bytea"""));
    }

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json; charset=")]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/cloudevents+json")]
    public async Task A_body_in_UTF_8_is_read_however_its_type_says_so(string type)
    {
        Assert.Equal(HttpStatusCode.Accepted, await StatusOfAsync(type));
    }

    [Theory]
    [InlineData(MaxPayload, HttpStatusCode.Accepted)]
    [InlineData(MaxPayload + 1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(10 * MaxPayload, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_payload_has_at_most_256_KiB(int size, HttpStatusCode expected)
    {
        var payload = $"[\"{new string('x', size - 4)}\"]";

        var (status, _) = await PostAsync($$"""{"event_type":"invoice.paid","payload":{{payload}}}""", OperatorToken.Of($"size-{size}", Publish));

        Assert.Equal(expected, status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("too long")]
    public async Task A_key_that_cannot_be_kept_is_400_rather_than_forgotten(string key)
    {
        var (status, problem) = await PostAsync(Good, key: key == "too long" ? Long : key);

        Assert.Equal((HttpStatusCode.BadRequest, "Idempotency-Key"), (status, Assert.Single(problem.Fields())));
    }

    [Fact]
    public async Task In_production_a_merchant_publishes_by_token()
    {
        await using var production = await Services.SenderAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("environment", "Production"));
        using var anonymous = production.NewClient();
        using var merchant = production.NewClient().With(OperatorToken.Of("m", Publish));

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await anonymous.CallAsync("/api/v1/messages", new { event_type = "invoice.paid", payload = new { } })).Status);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await merchant.CallAsync("/api/v1/messages", new { event_type = "invoice.paid", payload = new { } })).Status);
    }

    private async Task AssertNothingIsStoredAsync() =>
        Assert.Equal(0, await Sql.CountAsync(sender.Database, "webhooks.messages where merchant_id in ('m', 'another')"));

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        string body, string? token = null, string? key = null, bool anonymous = false)
    {
        using var client = anonymous ? sender.NewClient() : sender.NewClient().With(token ?? OperatorToken.Of("m", Publish));
        using var request = new HttpRequestMessage(
            HttpMethod.Post, "/api/v1/messages") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        // Not sent before the server asks for it: a refusal without that closes the connection.
        request.Headers.ExpectContinue = true;
        using var answer = await client.SendAsync(request, Cancellation);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)));
    }

    // For a merchant of its own: others find nothing stored for theirs.
    private async Task<HttpStatusCode> StatusOfAsync(string contentType)
    {
        using var client = sender.NewClient("utf-8", Publish);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Good));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var answer = await client.PostAsync("/api/v1/messages", content, Cancellation);
        return answer.StatusCode;
    }
}
