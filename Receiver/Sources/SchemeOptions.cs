using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>
/// Settings of a custom signature scheme. Sources refer to it by their <c>Scheme</c>. Section <c>Webhooks:Schemes:{name}</c>.
/// </summary>
public sealed class SchemeOptions
{
    /// <summary>
    /// The header that carries the signature, or the list of them; with <c>{n}</c> at its end, any of several numbered headers.
    /// Required unless <see cref="SignatureAt"/> is set.
    /// </summary>
    public string? SignatureHeader { get; set; }

    /// <summary>
    /// Where the signature is in a request that lacks that header, such as <c>body:/signature</c> or <c>query:token</c>. Not set:
    /// nowhere else.
    /// </summary>
    public string? SignatureAt { get; set; }

    /// <summary>The character between the entries of a list, such as <c>,</c>. Not set: the header is one signature.</summary>
    public string? Separator { get; set; }

    /// <summary>
    /// The prefix of a signature, such as <c>sha256=</c> or <c>v1=</c>. Entries without it are ignored.
    /// </summary>
    public string Prefix { get; set; } = "";

    /// <summary>The algorithm of the signature.</summary>
    public SignatureAlgorithm Algorithm { get; set; } = SignatureAlgorithm.HmacSha256;

    /// <summary>The encoding of the signature.</summary>
    public SignatureEncoding Encoding { get; set; } = SignatureEncoding.Hex;

    /// <summary>Several kinds of signatures, in the place of prefix, algorithm and encoding.</summary>
    public List<VersionOptions> Versions { get; set; } = [];

    /// <summary>The header with the sender's time. Not set: there is none.</summary>
    public string? TimestampHeader { get; set; }

    /// <summary>Where the time is in the body, such as <c>body:/sent_at</c>. Not set: it is not there.</summary>
    public string? TimestampAt { get; set; }

    /// <summary>How the time is written.</summary>
    public TimestampFormat TimestampFormat { get; set; } = TimestampFormat.UnixSeconds;

    /// <summary>
    /// The prefix of the entry in the signature header that contains the time, such as <c>t=</c>. Not set: there is none.
    /// </summary>
    public string? TimestampPrefix { get; set; }

    /// <summary>The header with the id of the delivery, which is required. Not set: there is none.</summary>
    public string? IdHeader { get; set; }

    /// <summary>Where the id that is signed is in the body. Not set: it is not there.</summary>
    public string? IdAt { get; set; }

    /// <summary>
    /// What is signed: text with <c>{id}</c>, <c>{timestamp}</c>, <c>{method}</c>, <c>{url}</c>, <c>{body}</c>, Twilio's
    /// <c>{form}</c>, <c>{identity}</c>, PayPal's <c>{crc32}</c>, a member <c>{body:/data/id}</c> or the lines
    /// <c>{lines:NAME,NAME}</c> of AWS SNS.
    /// </summary>
    public string Content { get; set; } = "{body}";

    /// <summary>
    /// Whether the signature must protect the whole body. False is needed for the algorithm <c>Token</c>, a <c>Jwt</c> without
    /// <see cref="BodyHashClaim"/> and content without <c>{body}</c>: then the sender is known, and TLS alone protects what it
    /// says.
    /// </summary>
    public bool CoversBody { get; set; } = true;

    /// <summary>The URL of the sender's public keys: PEM, or JSON Web Keys. Not set: the secret is the key.</summary>
    public string? KeyUrl { get; set; }

    /// <summary>
    /// Where a request names the URL of its public key, such as <c>header:X-Cert-Url</c>. Not set: it does not.
    /// </summary>
    public string? KeyUrlAt { get; set; }

    /// <summary>
    /// The hosts that keys are fetched from, such as <c>keys.example.com</c>; <c>*</c> stands for one label. Required with
    /// <see cref="KeyUrlAt"/>.
    /// </summary>
    public List<string> KeyHosts { get; set; } = [];

    /// <summary>Where the identity of the source is in a request. Not set: it is in the content or the token.</summary>
    public string? IdentityAt { get; set; }

    /// <summary>The claim of a token that has the hex SHA-256 of the body. Not set: it has none.</summary>
    public string? BodyHashClaim { get; set; }

    /// <summary>How the sender tests the URL.</summary>
    public List<HandshakeOptions> Handshakes { get; set; } = [];

    /// <summary>How far the sender's clock may be from ours, where there is a timestamp.</summary>
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

/// <summary>One kind of signature of a scheme.</summary>
public sealed class VersionOptions
{
    /// <summary>What such a signature begins with.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>How the content is signed.</summary>
    public SignatureAlgorithm Algorithm { get; set; } = SignatureAlgorithm.HmacSha256;

    /// <summary>How the signature is written.</summary>
    public SignatureEncoding Encoding { get; set; } = SignatureEncoding.Hex;
}

/// <summary>How a sender tests the URL, and the answer that it expects.</summary>
public sealed class HandshakeOptions
{
    /// <summary>The name of the handshake in the log.</summary>
    public string Name { get; set; } = "handshake";

    /// <summary>The method of the request: <c>POST</c>, <c>GET</c>, <c>HEAD</c> or <c>OPTIONS</c>.</summary>
    public string Method { get; set; } = "POST";

    /// <summary>Whether the request must be signed, as only a POST can be.</summary>
    public bool IsSigned { get; set; } = true;

    /// <summary>
    /// What tells it from an event: <c>body:/type=ping</c>, <c>header:X-Challenge</c>, which must be there, or
    /// <c>!body:/event</c>, which must not. All must hold.
    /// </summary>
    public List<string> When { get; set; } = [];

    /// <summary>Where the value is that is sent back, such as <c>query:challenge</c>. Not set: none is.</summary>
    public string? Challenge { get; set; }

    /// <summary>Where the token is that must be the source's verify token. Not set: none is shown.</summary>
    public string? Token { get; set; }

    /// <summary>The status of the answer.</summary>
    [Range(200, 299)]
    public int Status { get; set; } = 200;

    /// <summary>
    /// The body of the answer, with <c>{challenge}</c>, its HMAC-SHA256 with the secret as <c>{hmac}</c> (hex) or
    /// <c>{hmac:base64}</c>, and <c>{rate}</c>, the requests per minute that the source takes.
    /// </summary>
    public string Body { get; set; } = "";

    /// <summary>The Content-Type of the answer.</summary>
    public string ContentType { get; set; } = "application/json";

    /// <summary>Headers of the answer, such as <c>X-Hook-Secret: {challenge}</c>.</summary>
    public List<string> Headers { get; set; } = [];

    /// <summary>
    /// What happens with the challenge: <c>Fetch</c> fetches it as a URL from one of the <see cref="SchemeOptions.KeyHosts"/>,
    /// <c>Show</c> shows it to operators as a token to enter.
    /// </summary>
    public HandshakeAction Action { get; set; } = HandshakeAction.None;
}

/// <summary>
/// The custom signature schemes by name. A name has 1 to 64 of the characters a-z, 0-9 and <c>-</c>. Section
/// <c>Webhooks:Schemes</c>.
/// </summary>
public sealed class SchemesOptions() : Dictionary<string, SchemeOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "Webhooks:Schemes";
}
