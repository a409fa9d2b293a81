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
        new(redactor.Redact(Summary), Facts.ToDictionary(fact => fact.Key, fact => redactor.Redact(fact.Key, fact.Value), StringComparer.Ordinal));

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
