using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A signature scheme of one's own, at <c>Webhooks:Schemes:{name}</c>; sources name it as their <c>Scheme</c>.</summary>
public sealed class SchemeOptions
{
    /// <summary>The header that carries the signature, or the list of them.</summary>
    [Required]
    public string? SignatureHeader { get; set; }

    /// <summary>The character between the entries of a list, such as <c>,</c>. Not set: the header is one signature.</summary>
    public string? Separator { get; set; }

    /// <summary>
    /// What a signature begins with, such as <c>sha256=</c> or <c>v1=</c>; entries that begin otherwise are passed over.
    /// </summary>
    public string Prefix { get; set; } = "";

    /// <summary>How the content is signed.</summary>
    public SignatureAlgorithm Algorithm { get; set; } = SignatureAlgorithm.HmacSha256;

    /// <summary>How the signature is written.</summary>
    public SignatureEncoding Encoding { get; set; } = SignatureEncoding.Hex;

    /// <summary>The header with the sender's time in Unix seconds. Not set: there is none.</summary>
    public string? TimestampHeader { get; set; }

    /// <summary>
    /// What the entry of the signature header with that time begins with, such as <c>t=</c>. Not set: it has none.
    /// </summary>
    public string? TimestampPrefix { get; set; }

    /// <summary>A header with the delivery's id, which must be there. Not set: there is none.</summary>
    public string? IdHeader { get; set; }

    /// <summary>
    /// What is signed: text with <c>{id}</c>, <c>{timestamp}</c>, <c>{url}</c>, <c>{body}</c> or Twilio's <c>{form}</c>.
    /// </summary>
    public string Content { get; set; } = "{body}";

    /// <summary>How far the sender's clock may be from ours, where there is a timestamp.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How the secret becomes a key.</summary>
    public KeyEncoding KeyEncoding { get; set; } = KeyEncoding.Utf8;

    /// <summary>
    /// Where the delivery's id is, as a source's <see cref="SourceOptions.DeliveryId"/>. Not set: <see cref="IdHeader"/>, or
    /// <c>digest</c> where there is none.
    /// </summary>
    public string? DeliveryId { get; set; }

    /// <summary>Where the event's type is.</summary>
    public string EventType { get; set; } = "header:X-Event-Type | body:/type | value:unknown";

    /// <summary>What bodies may be; <c>FormPayload</c> is JSON in a form's field <c>payload</c>.</summary>
    public BodyFormats BodyFormats { get; set; } = BodyFormats.Json;
}

/// <summary>Section <c>Webhooks:Schemes</c>, by name: 1 to 64 of the characters a-z, 0-9 and <c>-</c>.</summary>
public sealed class SchemesOptions() : Dictionary<string, SchemeOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "Webhooks:Schemes";
}
