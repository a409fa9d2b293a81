using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>A Receiver with a source for each provider whose library is here. Its tests run one after the other.</summary>
[CollectionDefinition(nameof(InteropReceiver))]
public sealed class InteropReceiver(TestStack stack) : ICollectionFixture<InteropReceiver>, IAsyncLifetime
{
    public const string StripeSecret = "whsec_stripe_secret_for_tests";
    public const string OldStripeSecret = "whsec_stripe_secret_of_last_year";
    public const string TwilioToken = "12345678901234567890123456789012";
    public const string PaddleSecret = "pdl_ntfset_secret_for_tests";
    public const string DiscordKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";

    private ServiceHost<SourceCatalog>? _receiver;

    /// <summary>The half of Discord's key that an application gets.</summary>
    public static string DiscordPublicKey => Convert.ToHexStringLower(Convert.FromBase64String(DiscordKey["whsk_".Length..])[32..]);

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
            [
                .. Source("stripe", StripeSecret), .. Source("twilio", TwilioToken), .. Source("paddle", PaddleSecret), .. Source("discord", DiscordPublicKey),
                ("Webhooks:Sources:stripe:SecretKeys:0", "WEBHOOK_SECRET_STRIPE"), ("Webhooks:Sources:stripe:SecretKeys:1", "OLD_STRIPE_SECRET"),
                ("OLD_STRIPE_SECRET", OldStripeSecret),
            ]);
    }

    public Uri Url(string source) => new(_receiver!.Address, $"/webhooks/{source}");

    /// <summary>Runs a client script of this folder against a source.</summary>
    public Task<JsonElement> RunAsync(string script, string source, string secretName, string secret, params string[] arguments) => Node.RunAsync(
        script,
        [Url(source).AbsoluteUri, .. arguments],
        new Dictionary<string, string>(StringComparer.Ordinal) { [secretName] = secret },
        TestContext.Current.CancellationToken);

    /// <summary>The event with that delivery id; null when there is none.</summary>
    public async Task<InboundEvent?> EventAsync(string source, string deliveryId)
    {
        await using var db = Tables.Open(Database);
        return await db.InboundEvents.SingleOrDefaultAsync(e => e.Source == source && e.DeliveryId == deliveryId, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts a body as our signer signs it.</summary>
    public static async Task<int> PostAsync(SignatureScheme scheme, string secret, string body, Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var key = SigningKey.Parse(new Secret(secret), scheme.KeyEncoding);
        foreach (var (name, value) in MessageSigner.Sign(scheme, [key], "unused", TimeProvider.System.GetUtcNow(), Encoding.UTF8.GetBytes(body)))
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

    private static (string Key, string Value)[] Source(string name, string secret) =>
        [($"Webhooks:Sources:{name}:Scheme", name), ($"WEBHOOK_SECRET_{name.ToUpperInvariant()}", secret)];
}
