using System.Collections.Frozen;
using Aspire.Webhooks.Payloads;
using static Aspire.Webhooks.Signing.SignatureVersion;

namespace Aspire.Webhooks.Signing;

/// <summary>
/// The built-in schemes, by the name that a source's <c>Scheme</c> setting and the CLI's <c>--scheme</c> use.
/// </summary>
public static class SignatureSchemes
{
    internal const int MiB = 1024 * 1024;

    /// <summary>
    /// GitHub, "Validating webhook deliveries": hex HMAC-SHA256 of the body, without a timestamp. A redelivery keeps its id.
    /// </summary>
    public static readonly SignatureScheme GitHub = new()
    {
        SignatureHeader = "X-Hub-Signature-256",
        Versions = [Sha256],
        Content = SignedContent.Parse("{body}"),
        BodyFormats = BodyFormats.Json | BodyFormats.FormPayload,
        MaxBodyBytes = 25 * MiB,
        Handshakes =
        [
            new()
            {
                Name = "ping", When = [FieldCondition.Parse("header:X-GitHub-Event=ping")], Body = """{"status":"pong"}""",
            },
        ],
        DeliveryId = FieldLocator.Parse("header:X-GitHub-Delivery"),
        EventType = FieldLocator.Parse("header:X-GitHub-Event"),
    };

    /// <summary>
    /// Stripe, "Verify webhook signatures manually": one header with the timestamp and any number of v1 entries. The key is the
    /// whole <c>whsec_…</c> text.
    /// </summary>
    public static readonly SignatureScheme Stripe = new()
    {
        SignatureHeader = "Stripe-Signature",
        Separator = ',',
        TimestampPrefix = "t=",
        Versions = [HexHmac with { Prefix = "v1=" }],
        Content = SignedContent.Parse("{timestamp}.{body}"),
        DeliveryId = FieldLocator.Parse("body:/id"),
        EventType = FieldLocator.Parse("body:/type"),
    };

    /// <summary>
    /// Slack, "Verifying requests from Slack". Slash commands and interactivity send forms, which have no id.
    /// </summary>
    public static readonly SignatureScheme Slack = new()
    {
        SignatureHeader = "X-Slack-Signature",
        TimestampHeader = "X-Slack-Request-Timestamp",
        Versions = [HexHmac with { Prefix = "v0=" }],
        Content = SignedContent.Parse("v0:{timestamp}:{body}"),
        DeliveryId = FieldLocator.Parse("body:/event_id | digest"),
        EventType = FieldLocator.Parse("body:/event/type | body:/command | body:/type | value:unknown"),
        BodyFormats = BodyFormats.Json | BodyFormats.Form,
        Handshakes =
        [
            new()
            {
                Name = "url_verification", When = [FieldCondition.Parse("body:/type=url_verification")],
                Challenge = FieldLocator.Parse("body:/challenge"), Body = """{"challenge":"{challenge}"}""",
            },
        ],
    };

    /// <summary>
    /// Shopify, "Deliver webhooks through HTTPS": base64 HMAC-SHA256 of the body, without a timestamp. No cap is documented;
    /// orders and products can exceed a megabyte.
    /// </summary>
    public static readonly SignatureScheme Shopify = new()
    {
        SignatureHeader = "X-Shopify-Hmac-SHA256",
        Versions = [Base64Hmac],
        Content = SignedContent.Parse("{body}"),
        DeliveryId = FieldLocator.Parse("header:X-Shopify-Webhook-Id"),
        EventType = FieldLocator.Parse("header:X-Shopify-Topic"),
        MaxBodyBytes = 8 * MiB,
    };

    /// <summary>
    /// Twilio, "Validating requests": base64 HMAC-SHA1 of the URL and the form fields, or of a URL that contains the body's
    /// hash. "Sign webhooks with shared keys": SHA-256 with a shared key in place of the auth token, over the same text.
    /// </summary>
    public static readonly SignatureScheme Twilio = new()
    {
        SignatureHeader = "X-Twilio-Signature",
        Versions = [Base64Hmac with { Algorithm = SignatureAlgorithm.HmacSha1 }, Base64Hmac],
        Content = SignedContent.Parse("{url}{form}"),
        TriesPorts = true,
        DeliveryId = FieldLocator.Parse("header:I-Twilio-Idempotency-Token | digest"),
        EventType = FieldLocator.Parse(
            "body:/EventType | body:/MessageStatus | body:/CallStatus | body:/SmsStatus | value:unknown"),
        BodyFormats = BodyFormats.Form | BodyFormats.Json,
    };

    /// <summary>
    /// Standard Webhooks 1.0, "Signature scheme": a list of v1 (HMAC) and v1a (Ed25519) entries over id, timestamp and body.
    /// Svix's own headers, which differ only in their names, are accepted too.
    /// </summary>
    public static readonly SignatureScheme Standard = StandardUnder("webhook") with { Variants = [StandardUnder("svix")] };

    /// <summary>
    /// Discord, "Interactions: security and authorization": Ed25519 of timestamp and body. Discord probes with wrong signatures
    /// and requires 401.
    /// </summary>
    public static readonly SignatureScheme Discord = new()
    {
        SignatureHeader = "X-Signature-Ed25519",
        TimestampHeader = "X-Signature-Timestamp",
        Versions = [new("", SignatureAlgorithm.Ed25519, SignatureEncoding.Hex)],
        Content = SignedContent.Parse("{timestamp}{body}"),
        KeyEncoding = KeyEncoding.Ed25519,
        DeliveryId = FieldLocator.Parse("body:/id | digest"),
        EventType = FieldLocator.Parse("body:/event/type | body:/type"),

        // In interactions type 1 is PING. In webhook events type 1 is every event, and PING is type 0.
        Handshakes =
        [
            new() { Name = "PING", When = [FieldCondition.Parse("body:/type=0")], Status = 204 },
            new()
            {
                Name = "PING", When = [FieldCondition.Parse("body:/type=1"), FieldCondition.Parse("!body:/event/type")],
                Body = """{"type":1}""",
            },
        ],
    };

    /// <summary>
    /// Paddle Billing, "Verify webhook signatures": one header with the timestamp and any number of h1 entries. The tolerance
    /// is five seconds.
    /// </summary>
    public static readonly SignatureScheme Paddle = new()
    {
        SignatureHeader = "Paddle-Signature",
        Separator = ';',
        TimestampPrefix = "ts=",
        Versions = [HexHmac with { Prefix = "h1=" }],
        Content = SignedContent.Parse("{timestamp}:{body}"),
        Tolerance = TimeSpan.FromSeconds(5),
        DeliveryId = FieldLocator.Parse("body:/event_id"),
        EventType = FieldLocator.Parse("body:/event_type"),
    };

    /// <summary>
    /// Square, "Verify and validate an event notification": base64 HMAC-SHA256 of the notification URL and the body.
    /// </summary>
    public static readonly SignatureScheme Square = new()
    {
        SignatureHeader = "x-square-hmacsha256-signature",
        Versions = [Base64Hmac],
        Content = SignedContent.Parse("{url}{body}"),
        DeliveryId = FieldLocator.Parse("body:/event_id"),
        EventType = FieldLocator.Parse("body:/type"),
    };

    /// <summary>
    /// Meta (Facebook, Instagram, WhatsApp), "Webhooks: getting started": hex HMAC-SHA256 of the body. Notifications have no
    /// id.
    /// </summary>
    public static readonly SignatureScheme Meta = new()
    {
        SignatureHeader = "X-Hub-Signature-256",
        Versions = [Sha256],
        Content = SignedContent.Parse("{body}"),
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("body:/object | value:unknown"),
        MaxBodyBytes = 3 * MiB,
        Handshakes =
        [
            new()
            {
                Name = "subscription", Method = "GET", IsSigned = false,
                When = [FieldCondition.Parse("query:hub.mode=subscribe")], Token = FieldLocator.Parse("query:hub.verify_token"),
                Challenge = FieldLocator.Parse("query:hub.challenge"), Body = "{challenge}", ContentType = "text/plain",
            },
        ],
    };

    /// <summary>
    /// A common custom scheme: hex HMAC-SHA256 of timestamp and body, with separate headers for timestamp, signature and event
    /// id.
    /// </summary>
    public static readonly SignatureScheme Provider = new()
    {
        SignatureHeader = "X-Webhook-Signature",
        IdHeader = "X-Event-Id",
        TimestampHeader = "X-Webhook-Timestamp",
        Versions = [HexHmac],
        Content = SignedContent.Parse("{timestamp}.{body}"),
        DeliveryId = FieldLocator.Parse("header:X-Event-Id"),
        EventType = FieldLocator.Parse("body:/type | value:unknown"),
    };

    /// <summary>Systems that call an agent: hex HMAC-SHA256 of timestamp and body. The id is in the body.</summary>
    public static readonly SignatureScheme Agent = new()
    {
        SignatureHeader = "X-Signature",
        TimestampHeader = "X-Timestamp",
        Versions = [HexHmac],
        Content = SignedContent.Parse("{timestamp}.{body}"),
        ChecksTimeFirst = true,
        DeliveryId = FieldLocator.Parse("body:/id | digest"),
        EventType = FieldLocator.Parse("body:/event | body:/type | value:unknown"),
    };

    /// <summary>Phone messages: hex HMAC-SHA256 of the body, without a timestamp.</summary>
    public static readonly SignatureScheme Messages = new()
    {
        SignatureHeader = "X-Signature",
        Versions = [HexHmac],
        Content = SignedContent.Parse("{body}"),
        DeliveryId = FieldLocator.Parse("body:/message_id"),
        EventType = FieldLocator.Parse("value:message"),
    };

    /// <summary>Any partner: <c>sha256=</c> and the hex HMAC-SHA256 of the body, and a required idempotency key.</summary>
    public static readonly SignatureScheme Generic = new()
    {
        SignatureHeader = "X-Signature",
        IdHeader = "X-Idempotency-Key",
        Versions = [Sha256],
        Content = SignedContent.Parse("{body}"),
        DeliveryId = FieldLocator.Parse("header:X-Idempotency-Key"),
        EventType = FieldLocator.Parse("header:X-Event-Type | body:/type | value:unknown"),
    };

    /// <summary>All schemes by name. Lookup is case-insensitive.</summary>
    public static readonly FrozenDictionary<string, SignatureScheme> ByName =
        new Dictionary<string, SignatureScheme>(StringComparer.OrdinalIgnoreCase)
        {
            ["github"] = GitHub,
            ["stripe"] = Stripe,
            ["slack"] = Slack,
            ["shopify"] = Shopify,
            ["twilio"] = Twilio,
            ["standard"] = Standard,
            ["discord"] = Discord,
            ["paddle"] = Paddle,
            ["square"] = Square,
            ["meta"] = Meta,
            ["provider"] = Provider,
            ["agent"] = Agent,
            ["messages"] = Messages,
            ["generic"] = Generic,

            // These sign as Standard Webhooks or Svix do.
            ["clerk"] = Standard,
            ["openai"] = Standard,
            ["resend"] = Standard,
            ["supabase"] = Standard,
        }.Concat(ProviderSchemes.ByName).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static SignatureScheme StandardUnder(string prefix) => new()
    {
        SignatureHeader = $"{prefix}-signature",
        Separator = ' ',
        Versions =
        [
            new("v1,", SignatureAlgorithm.HmacSha256, SignatureEncoding.Base64),
            new("v1a,", SignatureAlgorithm.Ed25519, SignatureEncoding.Base64),
        ],
        IdHeader = $"{prefix}-id",
        TimestampHeader = $"{prefix}-timestamp",
        Content = SignedContent.Parse("{id}.{timestamp}.{body}"),
        KeyEncoding = KeyEncoding.StandardWebhooks,
        DeliveryId = FieldLocator.Parse($"header:{prefix}-id"),
        EventType = FieldLocator.Parse("body:/type | value:unknown"),
    };
}
