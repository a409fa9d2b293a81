using System.Net;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class SourceTests(TestStack stack)
{
    [Fact]
    public async Task Sources_that_are_not_configured_right_stop_the_start_with_all_errors_and_no_secret()
    {
        var database = await stack.NewDatabaseAsync();
        var redis = await stack.RedisAsync();

        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var receiver = await Services.ReceiverAsync(
                database,
                redis,
                ("WEBHOOK_SECRET_GITHUB", ""),
                ("WEBHOOK_SECRET_STANDARD", "whsec_not~base64~at~all"),
                ("Webhooks:Sources:shop:Scheme", "homemade"),
                ("Webhooks:Sources:slow:Scheme", "provider"),
                ("Webhooks:Sources:slow:Secrets:0:Key", "SLOW_SECRET_ONE"),
                ("Webhooks:Sources:slow:Secrets:1:Key", "SLOW_SECRET_TWO"),
                ("Webhooks:Sources:slow:Tolerance", "02:00:00"),
                ("Webhooks:Sources:slow:Payload", "parcel"),
                ("Webhooks:Sources:big:Scheme", "github"),
                ("Webhooks:Sources:big:MaxBodyBytes", "much"),
                ("WEBHOOK_SECRET_BIG", "secret-of-the-big-one"));
        });

        var message = exception.GetBaseException().Message;
        Assert.All(
            [
                "Webhooks:Sources:github", "WEBHOOK_SECRET_GITHUB", "WEBHOOK_SECRET_STANDARD", "Webhooks:Sources:shop:Scheme",
                "SLOW_SECRET_ONE or SLOW_SECRET_TWO", "Webhooks:Sources:slow:Tolerance", "Webhooks:Sources:big:MaxBodyBytes",
                "Webhooks:Sources:slow:Payload is 'parcel'; known are any, phone-message.",
            ],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain("not~base64", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-the-big-one", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Webhooks:Intake:Capacty")]
    [InlineData("Webhooks:Idempotency:Tll")]
    [InlineData("Webhooks:Rejections:MaxRow")]
    public async Task A_setting_that_does_not_exist_stops_the_start_with_its_name(string key)
    {
        var database = await stack.NewDatabaseAsync();
        var redis = await stack.RedisAsync();

        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var receiver = await Services.ReceiverAsync(database, redis, (key, "1"));
        });

        Assert.Contains($"'{key[(key.LastIndexOf(':') + 1)..]}'", exception.GetBaseException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_for_bad_fields_is_answered_as_configured()
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(),
            await stack.RedisAsync(),
            ("Webhooks:Sources:phone:Scheme", "github"),
            ("Webhooks:Sources:phone:Payload", "phone-message"),
            ("Webhooks:Sources:phone:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
            ("Webhooks:Sources:phone:Replies:Refusals:InvalidFields:Status", "400"),
            ("Webhooks:Sources:other:Scheme", "github"),
            ("Webhooks:Sources:other:Payload", "phone-message"),
            ("Webhooks:Sources:other:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
            ("Webhooks:Sources:other:Replies:Refusals:InvalidFields:Body", """{"error":"fields"}"""));
        using var client = receiver.NewClient();

        var phone = await client.PostAsync(SignedRequest.GitHub("{}", path: "/webhooks/phone"));
        var other = await client.PostAsync(SignedRequest.GitHub("{}", path: "/webhooks/other"));

        Assert.Equal(HttpStatusCode.BadRequest, phone.Status);
        Assert.Contains("message_id", phone.Body, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, """{"error":"fields"}"""), (other.Status, other.Body));
    }

    [Theory]
    [InlineData("204")]
    [InlineData("205")]
    public async Task A_reply_status_without_a_body_is_answered_as_configured(string status)
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(),
            await stack.RedisAsync(),
            ("Webhooks:Sources:github:Replies:Accepted:Status", status),
            ("Webhooks:Sources:github:Replies:Duplicate:Status", status));
        using var client = receiver.NewClient();

        var first = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"));
        var second = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"));

        Assert.Equal((status, ""), ($"{(int)first.Status}", first.Body));
        Assert.Equal((status, ""), ($"{(int)second.Status}", second.Body));
    }

    [Fact]
    public async Task A_source_s_own_replies_replace_the_built_in_ones()
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(),
            await stack.RedisAsync(),
            ("Webhooks:Sources:github:Replies:Accepted:Status", "200"),
            ("Webhooks:Sources:github:Replies:Accepted:Body", ""),
            ("Webhooks:Sources:github:Replies:Refusals:MissingHeader:Status", "422"));
        using var client = receiver.NewClient();
        var absent = SignedRequest.GitHub(Delivery.Body);
        absent.Headers.Remove("X-Hub-Signature-256");

        var accepted = await client.PostAsync(SignedRequest.GitHub(Delivery.Body));
        var refused = await client.PostAsync(absent);

        Assert.Equal((HttpStatusCode.OK, ""), (accepted.Status, accepted.Body));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
    }

    [Fact]
    public async Task A_source_can_be_added_while_the_service_runs()
    {
        await using var receiver = await Services.ReceiverAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync());
        using var client = receiver.NewClient();
        var configuration = (IConfigurationRoot)receiver.Services.GetRequiredService<IConfiguration>();
        Assert.Equal(
            HttpStatusCode.NotFound, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, path: "/webhooks/new"))).Status);

        configuration["Webhooks:Sources:new:Scheme"] = "github";
        configuration["Webhooks:Sources:new:Secrets:0:Key"] = "WEBHOOK_SECRET_GITHUB";
        configuration.Reload();

        Assert.Equal(
            HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, path: "/webhooks/new"))).Status);
    }
}
