using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class PublishValidationTests(RunningSender sender, TestStack stack) : IClassFixture<RunningSender>
{
    private static readonly string Long = new('x', 256);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> BadFields => new()
    {
        { """{"event_type":"a","payload":{}}""", "merchant_id" },
        { """{"merchant_id":null,"event_type":"a","payload":{}}""", "merchant_id" },
        { """{"merchant_id":" ","event_type":"a","payload":{}}""", "merchant_id" },
        { """{"merchant_id":"a\u0000b","event_type":"a","payload":{}}""", "merchant_id" },
        { $$$"""{"merchant_id":"{{{Long}}}","event_type":"a","payload":{}}""", "merchant_id" },
        { """{"merchant_id":"m","payload":{}}""", "event_type" },
        { """{"merchant_id":"m","event_type":"","payload":{}}""", "event_type" },
        { """{"merchant_id":"m","event_type":"a\nb","payload":{}}""", "event_type" },
        { $$$"""{"merchant_id":"m","event_type":"{{{Long}}}","payload":{}}""", "event_type" },
        { """{"merchant_id":"m","event_type":"a"}""", "payload" },
        { """{"merchant_id":"m","event_type":"a","payload":null}""", "payload" },
        { """{"merchant_id":"m","event_type":"a","payload":"text"}""", "payload" },
        { """{"merchant_id":"m","event_type":"a","payload":7}""", "payload" },
    };

    [Theory]
    [MemberData(nameof(BadFields))]
    public async Task A_bad_field_is_400_and_named(string body, string field)
    {
        using var answer = await PostAsync(sender.Address, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal([field], problem.RootElement.GetProperty("errors").EnumerateObject().Select(error => error.Name), StringComparer.Ordinal);
        Assert.Equal(0, await Sql.CountAsync(sender.Database, "webhooks.messages"));
    }

    [Fact]
    public async Task All_bad_fields_are_named_at_once()
    {
        using var answer = await PostAsync(sender.Address, "{}");

        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        var errors = problem.RootElement.GetProperty("errors").EnumerateObject().Select(error => error.Name);
        Assert.Equal(["event_type", "merchant_id", "payload"], errors.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"merchant_id":7,"event_type":"a","payload":{}}""")]
    [InlineData("""{"merchant_id":"\ud800","event_type":"a","payload":{}}""")]
    public async Task A_body_that_cannot_be_read_is_400(string body)
    {
        using var answer = await PostAsync(sender.Address, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_payload_that_is_not_UTF_8_is_400()
    {
        byte[] body = [.. "{\"merchant_id\":\"m\",\"event_type\":\"a\",\"payload\":{\"text\":\""u8, 0xff, .. "\"}}"u8];
        using var client = new HttpClient();
        using var content = Delivery.Json(body);

        using var answer = await client.PostAsync(new Uri(sender.Address, "/api/v1/messages"), content, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("too long")]
    public async Task A_key_that_cannot_be_kept_is_400_rather_than_forgotten(string key)
    {
        const string body = """{"merchant_id":"m","event_type":"a","payload":{}}""";
        using var answer = await PostAsync(sender.Address, body, key.Length == 0 ? key : Long);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Idempotency-Key", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_Development_nothing_can_be_published_over_HTTP()
    {
        await using var production = await Services.SenderAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("environment", "Production"));

        using var answer = await PostAsync(production.Address, """{"merchant_id":"m","event_type":"a","payload":{}}""");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(Uri address, string body, string? key = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/api/v1/messages"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await client.SendAsync(request, Cancellation);
    }
}
