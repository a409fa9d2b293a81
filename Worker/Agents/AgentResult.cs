using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The result of a task.</summary>
/// <param name="Summary">A summary for people.</param>
/// <param name="Facts">Facts for programs, by name.</param>
public sealed record AgentResult(string Summary, IReadOnlyDictionary<string, string> Facts)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Returns the result without credentials, which the text of an event may contain.</summary>
    public AgentResult Redacted(Redactor redactor) =>
        new(redactor.Redact(Summary), RedactedFacts(Facts, redactor));

    /// <summary>
    /// Returns the facts without credentials, in their names as well. If two names become equal, the later fact is kept.
    /// </summary>
    public static Dictionary<string, string> RedactedFacts(IReadOnlyDictionary<string, string> facts, Redactor redactor)
    {
        var redacted = new Dictionary<string, string>(facts.Count, StringComparer.Ordinal);
        foreach (var (name, value) in facts)
        {
            redacted[redactor.Redact(name)] = redactor.Redact(name, value);
        }

        return redacted;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
