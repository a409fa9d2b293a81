using System.Collections.Frozen;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>How the senders of a scheme want to be answered, where a source does not say otherwise.</summary>
public static class SchemeReplies
{
    /// <summary>202 and 200 with a word in JSON; refusals as ProblemDetails that do not tell what was wrong.</summary>
    public static readonly SourceReplies Default = new(
        new(202, """{"status":"accepted"}"""), new(200, """{"status":"duplicate"}"""), FrozenDictionary<Refusal, Reply>.Empty);

    private static readonly FrozenDictionary<string, SourceReplies> ByName = new Dictionary<string, SourceReplies>(
        StringComparer.OrdinalIgnoreCase)
    {
        // Slack shows the body of an answer to a slash command to the user.
        ["slack"] = Always(200, ""),

        // TwiML that says nothing; JSON would be Twilio's error 12300.
        ["twilio"] = Always(200, "<Response/>", "text/xml"),

        // An interaction's answer is then given by its callback. A webhook event, which has an `event`, wants 204.
        ["discord"] = Always(202, "") with { ByBody = new(JsonPointer.Parse("/event"), new(204, "")) },

        // Nothing but 200 stops Paddle's and Meta's retries.
        ["paddle"] = Always(200, """{"status":"accepted"}"""),
        ["meta"] = Always(200, """{"status":"accepted"}"""),

        ["messages"] = Always(200, """{"status":"ok"}""") with
        {
            Refusals = Details(
                (Refusal.MissingHeader, 401, "invalid signature"),
                (Refusal.InvalidSignature, 401, "invalid signature"),
                (Refusal.InvalidBody, 422, "invalid body")),
        },
        ["agent"] = new(
            new(200, """{"status":"accepted"}"""),
            new(200, """{"status":"duplicate-ignored"}"""),
            Details(
                (Refusal.MissingHeader, 401, "bad signature"),
                (Refusal.MissingTimestamp, 401, "missing/invalid timestamp"),
                (Refusal.InvalidTimestamp, 401, "missing/invalid timestamp"),
                (Refusal.StaleTimestamp, 401, "timestamp outside allowed window"),
                (Refusal.InvalidSignature, 401, "bad signature"))),
        ["provider"] = new(
            new(200, """{"ok":true,"queued":true}"""),
            new(200, """{"ok":true,"duplicate":true}"""),
            Details(
                (Refusal.MissingHeader, 400, "Missing required headers"),
                (Refusal.MissingTimestamp, 400, "Missing required headers"),
                (Refusal.MissingId, 400, "Missing required headers"),
                (Refusal.InvalidTimestamp, 400, "Invalid timestamp"),
                (Refusal.StaleTimestamp, 400, "Stale timestamp"),
                (Refusal.InvalidSignature, 401, "Invalid signature"),
                (Refusal.InvalidBody, 400, "Invalid JSON"),
                (Refusal.Busy, 503, "Busy"))),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The replies of a scheme that ships; the default ones for any other.</summary>
    public static SourceReplies Of(string? scheme) => ByName.GetValueOrDefault(scheme ?? "", Default);

    private static SourceReplies Always(int status, string body, string contentType = "application/json") =>
        Default with { Accepted = new(status, body, contentType), Duplicate = new(status, body, contentType) };

    private static FrozenDictionary<Refusal, Reply> Details(
        params ReadOnlySpan<(Refusal Refusal, int Status, string Detail)> details)
    {
        var replies = new Dictionary<Refusal, Reply>();
        foreach (var (refusal, status, detail) in details)
        {
            replies[refusal] = new(status, $$"""{"detail":"{{detail}}"}""");
        }

        return replies.ToFrozenDictionary();
    }
}
