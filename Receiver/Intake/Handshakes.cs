using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>The parts of a request that handshakes read.</summary>
/// <param name="Body">The body as JSON; null when it was not parsed or is no JSON.</param>
/// <param name="Url">The URL with its query.</param>
public sealed record HandshakeRequest(string Method, IHeaderDictionary Headers, JsonElement? Body, string Url);

/// <summary>
/// Answers providers' tests of a URL, by the data of <see cref="Handshake"/>. It is a pure function of the request.
/// </summary>
public static partial class Handshakes
{
    private const int MaxChallengeLength = 1024;

    /// <summary>Returns the answer to a request that is a handshake of the source; null when it is none.</summary>
    /// <param name="isVerified">Whether the signature of the request is valid. Other handshakes are without one.</param>
    /// <param name="now">The time that secrets must be active at.</param>
    public static Admission.Greeting? Answer(Source source, HandshakeRequest request, bool isVerified, DateTimeOffset now)
    {
        foreach (var handshake in source.Scheme.Handshakes)
        {
            if (handshake.IsSigned == isVerified && handshake.Method == request.Method
                && handshake.When.All(condition => condition.Holds(request.Headers, request.Body, request.Url))
                && HasToken(handshake, source, request))
            {
                var challenge = handshake.Challenge?.Find(request.Headers, request.Body, url: request.Url);
                if (handshake.Challenge is null || (challenge is not null && MaySendBack(handshake, challenge)))
                {
                    return Greet(source, handshake, challenge ?? "", now);
                }
            }
        }

        return null;
    }

    private static Admission.Greeting? Greet(Source source, Handshake handshake, string challenge, DateTimeOffset now)
    {
        var key = handshake.SignsChallenge
            ? source.Keys.FirstOrDefault(key => key.Fits(SignatureAlgorithm.HmacSha256) && key.IsActive(now))
            : null;
        if (handshake.SignsChallenge && key is null)
        {
            return null;
        }

        var hmac = key is null ? [] : MessageSigner.Hmac(key, challenge);
        var isJson = handshake.ContentType == "application/json";
        var reply = new Reply(
            handshake.Status,
            Encoding.UTF8.GetBytes(Filled(handshake.Body, isJson ? JsonEncodedText.Encode(challenge).ToString() : challenge)),
            handshake.ContentType,
            handshake.Headers.ToDictionary(
                header => header.Key, header => Filled(header.Value, challenge), StringComparer.OrdinalIgnoreCase));
        return new(handshake, reply, challenge);

        string Filled(string template, string written) => template
            .Replace(Handshake.HexHmacField, Convert.ToHexStringLower(hmac), StringComparison.Ordinal)
            .Replace(Handshake.Base64HmacField, Convert.ToBase64String(hmac), StringComparison.Ordinal)
            .Replace(
                Handshake.RateField,
                source.RateLimit is { } limit ? (60 * limit.PerSecond).ToString(CultureInfo.InvariantCulture) : "*",
                StringComparison.Ordinal)
            .Replace(Handshake.ChallengeField, written, StringComparison.Ordinal);
    }

    private static bool HasToken(Handshake handshake, Source source, HandshakeRequest request) => handshake.Token is not { } place
        || (source.VerifyToken is { } token && place.Find(request.Headers, request.Body, url: request.Url) is { } shown
            && token.Equals(new Secret(shown)));

    private static bool MaySendBack(Handshake handshake, string challenge)
    {
        if (challenge.Length is 0 or > MaxChallengeLength)
        {
            return false;
        }

        // Anybody can have this signed with the secret of the source, so that it must be no body of an event.
        if (handshake.SignsChallenge && (!TokenRule().IsMatch(challenge) || IsJson(challenge)))
        {
            return false;
        }

        return handshake switch
        {
            { Action: HandshakeAction.Show } => TokenRule().IsMatch(challenge),
            { Action: HandshakeAction.Fetch } => true,
            { ContentType: not "application/json" } or { Headers.Count: > 0 } => PlainRule().IsMatch(challenge),
            _ => true,
        };
    }

    private static bool IsJson(string text)
    {
        using var document = PayloadParser.TryParse(BodyFormats.Json, Encoding.UTF8.GetBytes(text));
        return document is not null;
    }

    // What tokens of providers consist of.
    [GeneratedRegex(@"\A[A-Za-z0-9+/=_.-]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex TokenRule();

    // Text that is neither HTML nor the end of a header.
    [GeneratedRegex(@"\A[ -~-[<>&""']]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex PlainRule();
}
