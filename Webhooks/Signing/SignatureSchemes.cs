using System.Collections.Frozen;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Signing;

/// <summary>The schemes that ship, by the name that a source's <c>Scheme</c> setting and the CLI's <c>--scheme</c> use.</summary>
public static class SignatureSchemes
{
    /// <summary>GitHub, "Validating webhook deliveries": hex HMAC-SHA256 of the body, no timestamp; a redelivery keeps its id.</summary>
    public static readonly SignatureScheme GitHub = new()
    {
        SignatureHeader = "X-Hub-Signature-256",
        Versions = [new("sha256=", SignatureAlgorithm.HmacSha256, SignatureEncoding.Hex)],
        Content = SignedContent.Parse("{body}"),
        BodyFormats = BodyFormats.Json | BodyFormats.FormPayload,
        Handshake = Handshake.GitHubPing,
        DeliveryId = FieldLocator.Parse("header:X-GitHub-Delivery"),
        EventType = FieldLocator.Parse("header:X-GitHub-Event"),
    };

    /// <summary>Standard Webhooks 1.0, "Signature scheme": a list of v1 (HMAC) and v1a (Ed25519) entries over id, time and body.</summary>
    public static readonly SignatureScheme Standard = new()
    {
        SignatureHeader = "webhook-signature",
        Separator = ' ',
        Versions =
        [
            new("v1,", SignatureAlgorithm.HmacSha256, SignatureEncoding.Base64),
            new("v1a,", SignatureAlgorithm.Ed25519, SignatureEncoding.Base64),
        ],
        IdHeader = "webhook-id",
        TimestampHeader = "webhook-timestamp",
        Content = SignedContent.Parse("{id}.{timestamp}.{body}"),
        Tolerance = TimeSpan.FromMinutes(5),
        KeyEncoding = KeyEncoding.StandardWebhooks,
        DeliveryId = FieldLocator.Parse("header:webhook-id"),
        EventType = FieldLocator.Parse("body:/type"),
    };

    /// <summary>A common house style: hex HMAC-SHA256 of time and body, with time, signature and event id in headers of their own.</summary>
    public static readonly SignatureScheme Provider = new()
    {
        SignatureHeader = "X-Webhook-Signature",
        Versions = [new("", SignatureAlgorithm.HmacSha256, SignatureEncoding.Hex)],
        IdHeader = "X-Event-Id",
        TimestampHeader = "X-Webhook-Timestamp",
        Content = SignedContent.Parse("{timestamp}.{body}"),
        Tolerance = TimeSpan.FromMinutes(5),
        DeliveryId = FieldLocator.Parse("header:X-Event-Id"),
        EventType = FieldLocator.Parse("body:/type"),
    };

    /// <summary>All schemes by name, in any case.</summary>
    public static readonly FrozenDictionary<string, SignatureScheme> ByName =
        new Dictionary<string, SignatureScheme>(StringComparer.OrdinalIgnoreCase)
        {
            ["github"] = GitHub,
            ["standard"] = Standard,
            ["provider"] = Provider,
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}
