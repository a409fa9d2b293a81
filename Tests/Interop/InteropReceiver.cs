using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>A Receiver for the providers whose libraries are here. Its tests run one after the other.</summary>
[CollectionDefinition(nameof(InteropReceiver))]
public sealed class InteropReceiver(TestStack stack) : ICollectionFixture<InteropReceiver>, IAsyncLifetime
{
    public const string StripeSecret = "whsec_stripe_secret_for_tests";
    public const string OldStripeSecret = "whsec_stripe_secret_of_last_year";
    public const string TwilioToken = "12345678901234567890123456789012";
    public const string PaddleSecret = "pdl_ntfset_secret_for_tests";
    public const string DiscordKey = Services.DiscordSecret;

    private ServiceHost<SourceCatalog>? _receiver;

    /// <summary>The half of Discord's key that an application gets.</summary>
    public static string DiscordPublicKey =>
        Convert.ToHexStringLower(Convert.FromBase64String(DiscordKey["whsk_".Length..])[32..]);

    public string Database { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (!Node.Available)
        {
            return;
        }

        Database = await stack.NewDatabaseAsync();
        _receiver = await Services.ReceiverAsync(
            Database,
            await stack.RedisAsync(),
            ("WEBHOOK_SECRET_STRIPE", StripeSecret),
            ("OLD_STRIPE_SECRET", OldStripeSecret),
            ("Webhooks:Sources:stripe:Secrets:0:Key", "WEBHOOK_SECRET_STRIPE"),
            ("Webhooks:Sources:stripe:Secrets:1:Key", "OLD_STRIPE_SECRET"),
            ("WEBHOOK_SECRET_TWILIO", TwilioToken),
            ("WEBHOOK_SECRET_PADDLE", PaddleSecret),
            ("WEBHOOK_SECRET_DISCORD", DiscordPublicKey));
    }

    public Uri Url(string source) => new(_receiver!.Address, $"/webhooks/{source}");

    /// <summary>Runs a client script of this folder against a source.</summary>
    public Task<JsonElement> RunAsync(
        string script, string source, string secretName, string secret, params string[] arguments) => Node.RunAsync(
        script,
        [Url(source).AbsoluteUri, .. arguments],
        new Dictionary<string, string>(StringComparer.Ordinal) { [secretName] = secret },
        TestContext.Current.CancellationToken);

    /// <summary>The event with that delivery id; null when there is none.</summary>
    public async Task<InboundEvent?> EventAsync(string source, string deliveryId)
    {
        await using var db = Tables.Open(Database);
        return await db.InboundEvents.SingleOrDefaultAsync(
            e => e.Source == source && e.DeliveryId == deliveryId, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts a body as our signer signs it.</summary>
    public static async Task<int> PostAsync(SignatureScheme scheme, string secret, string body, Uri url)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var key = SigningKey.Parse(new Secret(secret), scheme.KeyEncoding);
        foreach (
            var (name, value) in MessageSigner.Sign(
                scheme, [key], "unused", TimeProvider.System.GetUtcNow(), Encoding.UTF8.GetBytes(body)))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var client = new HttpClient();
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }
    }
}
