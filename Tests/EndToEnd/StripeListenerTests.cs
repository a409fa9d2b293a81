using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>A listener for Stripe: a Receiver in front, a Worker with the listener behind.</summary>
public sealed class StripeListenerTests(TestStack stack)
{
    private const string Secret = "whsec_...";
    private const string Body = """{"id":"evt_123","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","amount":2099}}}""";
    private const string Other = """{"id":"evt_124","type":"customer.created","data":{"object":{"id":"cus_1"}}}""";
    private const int ListenerFailed = 3111;

    // class StripeListener(AbstractWebhookEventListener): source = "stripe"; async def handle; async def on_error
    private sealed class StripeListener : WebhookListener
    {
        private int _failures;

        public ConcurrentQueue<string> Paid { get; } = [];

        public ConcurrentQueue<string> Errors { get; } = [];

        public int Failures { init => _failures = value; }

        public override string Source => "stripe";

        public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
        {
            if (webhookEvent.EventType == "payment_intent.succeeded")
            {
                if (Interlocked.Decrement(ref _failures) >= 0)
                {
                    throw new InvalidOperationException("the shop is closed");
                }

                using var json = webhookEvent.ParseJson();
                Paid.Enqueue(json.RootElement.GetProperty("data").GetProperty("object").GetProperty("id").GetString()!);
            }

            return Task.CompletedTask;
        }

        public override Task OnErrorAsync(WebhookEvent webhookEvent, Exception exception, CancellationToken cancellationToken)
        {
            Errors.Enqueue(exception.Message);
            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("memory")]
    [InlineData("none")]
    public async Task The_listener_hears_an_event_once_whichever_provider_remembers_its_idempotency_key(string provider)
    {
        var listener = new StripeListener();
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await ReceiverAsync(database, "generic", ("Webhooks:Idempotency:Provider", provider));
        await using var worker = await WorkerAsync(database, listener);

        Assert.Equal(202, await PostAsync(receiver, Generic(Body, "evt_123")));
        Assert.Equal(200, await PostAsync(receiver, Generic(Body, "evt_123")));
        Assert.Equal(202, await PostAsync(receiver, Generic(Other, "evt_124")));
        await AllFinishedAsync(database, 2);

        Assert.Equal("pi_1", Assert.Single(listener.Paid));
        Assert.Empty(listener.Errors);
    }

    [Fact]
    public async Task A_failed_listener_logs_a_warning_and_triggers_on_error()
    {
        var listener = new StripeListener { Failures = 1 };
        using var log = new RecordedLog();
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await ReceiverAsync(database, "generic");
        await using var worker = await WorkerAsync(database, listener, log);

        Assert.Equal(202, await PostAsync(receiver, Generic(Body, "evt_123")));
        await AllFinishedAsync(database, 1);

        Assert.Equal("the shop is closed", Assert.Single(listener.Errors));
        Assert.Equal(LogLevel.Warning, Assert.Single(log.Of(ListenerFailed)).Level);
        Assert.Equal("pi_1", Assert.Single(listener.Paid));
    }

    [Theory]
    [InlineData("sha256=", "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("sha1=", null)]
    [InlineData("", null)]
    public async Task A_signature_that_is_not_the_validator_s_is_refused(string prefix, string? signature)
    {
        await using var receiver = await ReceiverAsync(await stack.NewDatabaseAsync(), "generic");

        Assert.Equal(
            401, await PostAsync(
                receiver, [("X-Signature", prefix + (signature ?? Hmac(Body))), ("X-Idempotency-Key", "evt_123")]));
    }

    // StripeSignatureValidator(secret="whsec_...", tolerance_seconds=300)
    [Fact]
    public async Task Stripe_s_own_header_is_validated_with_a_tolerance_of_300_seconds()
    {
        var listener = new StripeListener();
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await ReceiverAsync(database, "stripe");
        await using var worker = await WorkerAsync(database, listener);

        Assert.Equal(401, await PostAsync(receiver, Stripe(secondsAgo: 330)));
        Assert.Equal(202, await PostAsync(receiver, Stripe(secondsAgo: 270)));
        Assert.Equal(200, await PostAsync(receiver, Stripe(secondsAgo: 0)));
        await AllFinishedAsync(database, 1);

        Assert.Equal("pi_1", Assert.Single(listener.Paid));
    }

    private static (string, string)[] Generic(string body, string key) =>
        [("body", body), ("X-Signature", $"sha256={Hmac(body)}"), ("X-Idempotency-Key", key)];

    private static (string, string)[] Stripe(int secondsAgo)
    {
        var timestamp = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - secondsAgo).ToString(CultureInfo.InvariantCulture);
        return [("Stripe-Signature", $"t={timestamp},v1={new string('0', 64)},v1={Hmac($"{timestamp}.{Body}")}")];
    }

    private static string Hmac(string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(text)));

    private static async Task<int> PostAsync(ServiceHost<SourceCatalog> receiver, (string Name, string Value)[] parts)
    {
        var body = parts.FirstOrDefault(part => part.Name == "body").Value ?? Body;
        using var client = receiver.NewClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, "/webhooks/stripe") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in parts.Where(part => part.Name != "body"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    // Retries are made due at once.
    private static Task AllFinishedAsync(string database, int count) =>
        Eventually.HoldsAsync($"{count} events are finished", async () =>
    {
        await Sql.ExecuteAsync(database, "update webhooks.jobs set due_at = now() where state = 'pending' and due_at > now()");
        return await Sql.CountAsync(database, "webhooks.jobs where finished_at is not null") == count
            && await Sql.CountAsync(database, "webhooks.jobs") == count;
    });

    private async Task<ServiceHost<SourceCatalog>> ReceiverAsync(
        string database, string scheme, params (string Key, string Value)[] settings) =>
        await Services.ReceiverAsync(
            database, await stack.RedisAsync(),
            [("Webhooks:Sources:stripe:Scheme", scheme), ("WEBHOOK_SECRET_STRIPE", Secret), .. settings]);

    private async Task<IAsyncDisposable> WorkerAsync(string database, StripeListener listener, RecordedLog? log = null)
    {
        void Add(IServiceCollection services)
        {
            services.AddSingleton<WebhookListener>(listener);
            if (log is not null)
            {
                services.AddSingleton<ILoggerProvider>(log);
            }
        }

        return await Services.WorkerAsync(database, await stack.RedisAsync(), Add, ("Webhooks:Jobs:Event:Poll", "00:00:00.1"));
    }
}
