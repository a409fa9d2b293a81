using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Answers to providers that try out a URL: pure functions of the request.</summary>
public static class Handshakes
{
    private const int MaxChallengeLength = 1024;

    /// <summary>The answer to a verified POST that is a handshake; null when it is an event.</summary>
    public static Reply? Answer(Handshake handshake, IHeaderDictionary headers, JsonElement body) => handshake switch
    {
        Handshake.GitHubPing => headers["X-GitHub-Event"] == "ping" ? new Reply(200, """{"status":"pong"}""") : null,
        Handshake.SlackUrlVerification => Slack(body),
        Handshake.DiscordPing => Discord(body),
        _ => null,
    };

    /// <summary>
    /// Meta, "Webhooks: Verification requests": a GET that shows the token which the operator gave to Meta, answered with its
    /// challenge.
    /// </summary>
    /// <returns>Null when the mode or the token is another, or none is configured.</returns>
    public static Reply? Subscribe(Secret? token, IQueryCollection query)
    {
        if (token is null || query["hub.mode"] != "subscribe" || query["hub.verify_token"] is not [{ } shown]
            || query["hub.challenge"] is not [{ } challenge])
        {
            return null;
        }

        // Hashed first: the comparison's time tells nothing of the token, not even its length.
        var same = CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal())));
        return same && IsPlain(challenge) ? new Reply(200, challenge, "text/plain") : null;
    }

    // Slack, "Using the Slack Events API": answered in plain text or JSON; JSON cannot be taken for a page.
    private static Reply? Slack(JsonElement body) =>
        Text(body, "type") == "url_verification" && Text(body, "challenge") is { } challenge
            ? new Reply(200, JsonSerializer.Serialize(
                new Dictionary<string, string>(StringComparer.Ordinal) { ["challenge"] = challenge },
                JsonSerializerOptions.Default))
            : null;

    // Discord: type 1 is an interaction's PING, but the envelope of every webhook event too; there PING is type 0.
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
