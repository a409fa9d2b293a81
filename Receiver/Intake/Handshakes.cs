using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Answers providers' URL verification requests. All methods are pure functions of the request.</summary>
public static class Handshakes
{
    private const int MaxChallengeLength = 1024;

    /// <summary>Returns the answer to a verified POST that is a handshake; null when it is an event.</summary>
    public static Reply? Answer(Handshake handshake, IHeaderDictionary headers, JsonElement body) => handshake switch
    {
        Handshake.GitHubPing => headers["X-GitHub-Event"] == "ping" ? new Reply(200, """{"status":"pong"}""") : null,
        Handshake.SlackUrlVerification => Slack(body),
        Handshake.DiscordPing => Discord(body),
        _ => null,
    };

    /// <summary>
    /// Meta, "Webhooks: Verification requests": a GET with the token that the operator gave to Meta. The answer is its
    /// challenge.
    /// </summary>
    /// <returns>The answer; null when the mode or the token differs, or no token is configured.</returns>
    public static Reply? Subscribe(Secret? token, IQueryCollection query)
    {
        if (token is null || query["hub.mode"] != "subscribe" || query["hub.verify_token"] is not [{ } shown]
            || query["hub.challenge"] is not [{ } challenge])
        {
            return null;
        }

        // Hashing first hides the length of the token from the time of the comparison.
        var same = CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal())));
        return same && IsPlain(challenge) ? new Reply(200, challenge, "text/plain") : null;
    }

    // Slack, "Using the Slack Events API", accepts plain text or JSON. Browsers do not render JSON as a page.
    private static Reply? Slack(JsonElement body) =>
        Text(body, "type") == "url_verification" && Text(body, "challenge") is { } challenge
            ? new Reply(200, JsonSerializer.Serialize(
                new Dictionary<string, string>(StringComparer.Ordinal) { ["challenge"] = challenge },
                JsonSerializerOptions.Default))
            : null;

    // In Discord's interactions type 1 is PING. In its webhook events type 1 is every event, and PING is type 0.
    private static Reply? Discord(JsonElement body)
    {
        if (PayloadJson.Property(body, "type") is not { ValueKind: JsonValueKind.Number } type
            || !type.TryGetInt32(out var number))
        {
            return null;
        }

        return number switch
        {
            0 => new Reply(204, ""),
            1 when PayloadJson.Property(body, "event") is null => new Reply(200, """{"type":1}"""),
            _ => null,
        };
    }

    private static string? Text(JsonElement body, string name) =>
        PayloadJson.Property(body, name) is { } property ? PayloadJson.Text(property) : null;

    private static bool IsPlain(string challenge) =>
        challenge.Length is > 0 and <= MaxChallengeLength
            && challenge.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
}
