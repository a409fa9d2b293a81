using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>A request with its complete body.</summary>
/// <param name="Body">The body as sent.</param>
/// <param name="Url">The URL that the sender called, with its query.</param>
/// <param name="At">The time of receipt.</param>
/// <param name="FetchedKeys">The public keys of the provider, for schemes that fetch them.</param>
public sealed record ReceivedRequest(
    IHeaderDictionary Headers, byte[] Body, string Url, DateTimeOffset At, IReadOnlyList<SigningKey>? FetchedKeys = null);

/// <summary>The decision about a request, before anything is stored.</summary>
public abstract record Admission
{
    // Handshakes without a signature are small. A larger body is not parsed for anybody.
    private const int MaxHandshakeBytes = 4 * 1024;

    private Admission()
    {
    }

    /// <summary>The request is a verified event, which is stored.</summary>
    /// <param name="Event">The event.</param>
    /// <param name="Window">How long its delivery id, a digest, counts; null when the id is the sender's.</param>
    /// <param name="Reply">The answer, if it is another than the source's others.</param>
    public sealed record Admitted(InboundEvent Event, TimeSpan? Window = null, Reply? Reply = null) : Admission;

    /// <summary>The request is a handshake, which is answered.</summary>
    /// <param name="Challenge">The value that was sent; empty when there is none.</param>
    public sealed record Greeting(Handshake Handshake, Reply Reply, string Challenge) : Admission;

    /// <summary>The request is refused.</summary>
    /// <param name="Why">The reason.</param>
    /// <param name="Detail">Details for the operator, without any byte of the request; null when the reason suffices.</param>
    /// <param name="Fields">The errors by field, for a verified sender.</param>
    public sealed record Refused(Refusal Why, string? Detail = null, FieldErrors? Fields = null) : Admission;

    /// <summary>The request cannot be verified now, because the provider's public keys cannot be fetched.</summary>
    public sealed record Unverifiable : Admission;

    /// <summary>Decides about a request. It is a pure function of source and request.</summary>
    public static Admission Of(Source source, ReceivedRequest request)
    {
        var headers = request.Headers;
        IReadOnlyList<SigningKey> keys = request.FetchedKeys is { } fetched ? [.. source.Keys, .. fetched] : source.Keys;
        var verification = SignatureVerifier.Verify(
            source.Scheme, keys, new(headers, request.Body, request.Url), request.At, source.Tolerance);
        if (RefusalOf(verification.Result) is { } refusal)
        {
            return Unsigned(source, request) as Admission ?? new Refused(refusal);
        }

        if (BodyFormat.Of(headers.ContentType, verification.Scheme.BodyFormats) is not { } format)
        {
            return new Refused(Refusal.UnsupportedMediaType, "The source does not accept the Content-Type.");
        }

        if (!TryInflate(source, headers, request.Body, out var coding, out var plain, out var refused))
        {
            return refused;
        }

        using var document = PayloadParser.TryParse(format, plain);
        if (document is null)
        {
            return new Refused(Refusal.InvalidBody, PayloadParser.Error(format, plain));
        }

        var handshake = new HandshakeRequest("POST", headers, document.RootElement, request.Url);
        if (Handshakes.Answer(source, handshake, isVerified: true, request.At) is { } greeting)
        {
            return greeting;
        }

        return Read(source, request, verification, document.RootElement, coding);
    }

    // A provider's first request can come before there is a secret.
    private static Greeting? Unsigned(Source source, ReceivedRequest request)
    {
        var handshakes = source.Scheme.Handshakes.Where(handshake => handshake is { IsSigned: false, Method: "POST" }).ToList();
        if (handshakes.Count == 0)
        {
            return null;
        }

        using var document = request.Body.Length <= MaxHandshakeBytes && handshakes.Exists(handshake => handshake.ReadsBody)
            ? PayloadParser.TryParse(BodyFormat.Of(request.Headers.ContentType), request.Body)
            : null;
        return Handshakes.Answer(
            source, new("POST", request.Headers, document?.RootElement, request.Url), isVerified: false, request.At);
    }

    private static Admission Read(
        Source source, ReceivedRequest request, Verification verification, JsonElement document, string? coding)
    {
        var errors = new FieldErrors();
        var message = source.Payload == SourcePayload.PhoneMessage ? PhoneMessage.Read(document, errors) : null;
        if (errors.Any)
        {
            return new Refused(Refusal.InvalidFields, $"Invalid fields: {string.Join(", ", errors.All.Keys)}.", errors);
        }

        var isDigest = false;
        var deliveryIdAt = source.DeliveryId ?? verification.Scheme.DeliveryId;
        var eventTypeAt = source.EventType ?? verification.Scheme.EventType;
        if (deliveryIdAt.Find(request.Headers, document, Digest) is not { } deliveryId
            || !EventIdentifier.IsValidId(deliveryId)
            || eventTypeAt.Find(request.Headers, document) is not { } eventType
            || !EventIdentifier.IsValid(eventType))
        {
            return new Refused(
                Refusal.InvalidBody, $"The delivery id at {deliveryIdAt} or the type at {eventTypeAt} is missing or invalid.");
        }

        var id = Guid.CreateVersion7(request.At);
        var inbound = new InboundEvent
        {
            Id = id,
            Source = source.Name,
            DeliveryId = deliveryId,
            EventType = eventType,
            ReceivedAt = request.At,
            Headers = EventField.Headers(request.Headers, source.StoredHeaders),
            ContentType = request.Headers.ContentType is [{ Length: > 0 } sent] ? sent : "application/json",
            ContentEncoding = coding,
            Body = request.Body,
            Message = message?.ToRow(id, request.At),
        };
        var reply = source.Replies.ByBody is { } byBody && byBody.Pointer.Find(document) is not null ? byBody.Reply : null;
        return new Admitted(inbound, isDigest ? source.DeduplicationWindow : null, reply);

        // Of the body alone: a sender that tries again signs the same body with another time.
        string Digest()
        {
            isDigest = true;
            return Convert.ToHexStringLower(SHA256.HashData(request.Body));
        }
    }

    private static Refusal? RefusalOf(VerificationResult result) => result switch
    {
        VerificationResult.Valid => null,
        VerificationResult.MissingHeader => Refusal.MissingHeader,
        VerificationResult.MissingTimestamp => Refusal.MissingTimestamp,
        VerificationResult.MissingId => Refusal.MissingId,
        VerificationResult.InvalidTimestamp => Refusal.InvalidTimestamp,
        VerificationResult.StaleTimestamp => Refusal.StaleTimestamp,
        _ => Refusal.InvalidSignature,
    };

    // Signatures cover the encoded body, so it is decoded after verification: an unverified body costs no more than its hash.
    private static bool TryInflate(
        Source source, IHeaderDictionary headers, byte[] body, out string? coding, out byte[] plain,
        [NotNullWhen(false)] out Refused? refused)
    {
        coding = headers.ContentEncoding is [{ Length: > 0 } only] && !only.Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? only.ToLowerInvariant()
            : null;
        plain = body;
        refused = null;
        if (headers.ContentEncoding.Count > 1)
        {
            refused = new(Refusal.UnsupportedMediaType, "The request has several Content-Encoding headers.");
            return false;
        }

        if (coding is null)
        {
            return true;
        }

        refused = ContentCoding.TryInflate(coding, body, source.MaxInflatedBytes, out var inflated) switch
        {
            InflateResult.Done => null,
            InflateResult.UnknownCoding =>
                new(Refusal.UnsupportedMediaType, "The Content-Encoding must be gzip, deflate or br."),
            InflateResult.TooLarge => new(Refusal.BodyTooLarge, "The decoded body exceeds the source's MaxInflatedBytes."),
            _ => new(Refusal.InvalidBody, "The body does not match its Content-Encoding."),
        };
        plain = inflated ?? body;
        return refused is null;
    }
}
