using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A signature scheme of one's own, at <c>Webhooks:Schemes:{name}</c>; sources name it as their <c>Scheme</c>.</summary>
public sealed class SchemeOptions
{
    /// <summary>The header that carries the signature, or the list of them. Required.</summary>
    public string? SignatureHeader { get; set; }

    /// <summary>The character between the entries of a list, such as <c>,</c>. Default: the header is one signature.</summary>
    public string? Separator { get; set; }

    /// <summary>What a signature begins with, such as <c>sha256=</c> or <c>v1=</c>. Default: nothing.</summary>
    public string Prefix { get; set; } = "";

    /// <summary><c>HmacSha256</c> (default), <c>HmacSha512</c>, <c>HmacSha1</c> or <c>Ed25519</c>.</summary>
    public SignatureAlgorithm Algorithm { get; set; } = SignatureAlgorithm.HmacSha256;

    /// <summary><c>Hex</c> (default) or <c>Base64</c>.</summary>
    public SignatureEncoding Encoding { get; set; } = SignatureEncoding.Hex;

    /// <summary>The header with the sender's time in Unix seconds. Default: none.</summary>
    public string? TimestampHeader { get; set; }

    /// <summary>What the entry of the signature header with that time begins with, such as <c>t=</c>. Default: none.</summary>
    public string? TimestampPrefix { get; set; }

    /// <summary>A header with the delivery's id, which must be there. Default: none.</summary>
    public string? IdHeader { get; set; }

    /// <summary>What is signed: text with <c>{id}</c>, <c>{timestamp}</c>, <c>{url}</c>, <c>{body}</c> or Twilio's <c>{form}</c>. Default <c>{body}</c>.</summary>
    public string Content { get; set; } = "{body}";

    /// <summary>How far the sender's clock may be from ours, where there is a timestamp. Default 5 minutes; from 1 s to 1 h.</summary>
    public TimeSpan? Tolerance { get; set; }

    /// <summary>How the secret becomes a key: <c>Utf8</c> (default), <c>Base64</c>, <c>Hex</c>, <c>StandardWebhooks</c> or <c>Ed25519</c>.</summary>
    public KeyEncoding KeyEncoding { get; set; } = KeyEncoding.Utf8;

    /// <summary>Where the delivery's id is. Default: <see cref="IdHeader"/>, or <c>digest</c> where there is none.</summary>
    public string? DeliveryId { get; set; }

    /// <summary>Where the event's type is. Default <c>header:X-Event-Type | body:/type | value:unknown</c>.</summary>
    public string? EventType { get; set; }

    /// <summary><c>Json</c> (default), <c>Form</c>, <c>FormPayload</c>, or several, separated by commas.</summary>
    public BodyFormats BodyFormats { get; set; } = BodyFormats.Json;
}
