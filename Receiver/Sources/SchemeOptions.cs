using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>
/// Settings of a custom signature scheme. Sources refer to it by their <c>Scheme</c>. Section <c>Webhooks:Schemes:{name}</c>.
/// </summary>
public sealed class SchemeOptions
{
    /// <summary>The header with the signature or a list of signatures.</summary>
    [Required]
    public string? SignatureHeader { get; set; }

    /// <summary>The separator of a list, such as <c>,</c>. Not set: the header contains one signature.</summary>
    public string? Separator { get; set; }

    /// <summary>
    /// The prefix of a signature, such as <c>sha256=</c> or <c>v1=</c>. Entries without it are ignored.
    /// </summary>
    public string Prefix { get; set; } = "";

    /// <summary>The algorithm of the signature.</summary>
    public SignatureAlgorithm Algorithm { get; set; } = SignatureAlgorithm.HmacSha256;

    /// <summary>The encoding of the signature.</summary>
    public SignatureEncoding Encoding { get; set; } = SignatureEncoding.Hex;

    /// <summary>The header with the time of the sender in Unix seconds. Not set: there is none.</summary>
    public string? TimestampHeader { get; set; }

    /// <summary>
    /// The prefix of the entry in the signature header that contains the time, such as <c>t=</c>. Not set: there is none.
    /// </summary>
    public string? TimestampPrefix { get; set; }

    /// <summary>The header with the id of the delivery, which is required. Not set: there is none.</summary>
    public string? IdHeader { get; set; }

    /// <summary>
    /// The signed content: text with <c>{id}</c>, <c>{timestamp}</c>, <c>{url}</c>, <c>{body}</c> or Twilio's <c>{form}</c>.
    /// </summary>
    public string Content { get; set; } = "{body}";

    /// <summary>The largest difference between the timestamp and the current time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The encoding of the key in the secret.</summary>
    public KeyEncoding KeyEncoding { get; set; } = KeyEncoding.Utf8;

    /// <summary>
    /// The location of the delivery id, in the form of a source's <see cref="SourceOptions.DeliveryId"/>. Not set: <see
    /// cref="IdHeader"/>, or <c>digest</c> if that is not set.
    /// </summary>
    public string? DeliveryId { get; set; }

    /// <summary>The location of the event type.</summary>
    public string EventType { get; set; } = "header:X-Event-Type | body:/type | value:unknown";

    /// <summary>The accepted formats of bodies. <c>FormPayload</c> is JSON in the field <c>payload</c> of a form.</summary>
    public BodyFormats BodyFormats { get; set; } = BodyFormats.Json;
}

/// <summary>
/// The custom signature schemes by name. A name has 1 to 64 of the characters a-z, 0-9 and <c>-</c>. Section
/// <c>Webhooks:Schemes</c>.
/// </summary>
public sealed class SchemesOptions() : Dictionary<string, SchemeOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "Webhooks:Schemes";
}
