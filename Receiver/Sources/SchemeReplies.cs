using System.Collections.Frozen;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>The answers that the senders of each scheme expect. A source can replace them.</summary>
public static class SchemeReplies
{
    /// <summary>202 and 200 with a status in JSON. Refusals are ProblemDetails without the reason.</summary>
    public static readonly SourceReplies Default = new(
        new(202, """{"status":"accepted"}"""), new(200, """{"status":"duplicate"}"""), FrozenDictionary<Refusal, Reply>.Empty);

    // Providers whose documentation asks for 200. Some take other 2xx too, but none of these needs a difference.
    private static readonly string[] Only200 =
    [
        "adyen", "adyen-platform", "asana", "docusign", "dropbox", "intercom", "linear", "mailgun", "notion", "okta", "plaid",
        "trello", "x", "zoom",
    ];

    private static readonly FrozenDictionary<string, SourceReplies> ByName = new Dictionary<string, SourceReplies>(
        StringComparer.OrdinalIgnoreCase)
    {
        // Slack shows the body of an answer to a slash command to the user.
        ["slack"] = Always(200, ""),

        // An empty TwiML document. JSON would cause Twilio's error 12300.
        ["twilio"] = Always(200, "<Response/>", "text/xml"),

        // The answer to an interaction follows over its callback. A webhook event, which has an `event`, expects 204.
        ["discord"] = Always(202, "") with { ByBody = new(JsonPointer.Parse("/event"), new(204, "")) },

        // Paddle's retries end with 200 alone, and Meta asks for it.
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
    }.Concat(Only200.Select(scheme => KeyValuePair.Create(scheme, Always(200, """{"status":"accepted"}"""))))
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the answers of a built-in scheme, or the default ones for any other.</summary>
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
