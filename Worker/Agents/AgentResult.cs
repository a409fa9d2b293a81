using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>What an agent reports.</summary>
/// <param name="Summary">For a person to read.</param>
/// <param name="Facts">For a program to read.</param>
public sealed record AgentResult(string Summary, IReadOnlyDictionary<string, string> Facts)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The same without credentials: what an event's author wrote may carry one.</summary>
    public AgentResult Redacted(Redactor redactor) =>
        new(redactor.Redact(Summary), RedactedFacts(Facts, redactor));

    /// <summary>
    /// Facts without credentials, in their names as well. Of two whose names are the same then, the later one stays.
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
