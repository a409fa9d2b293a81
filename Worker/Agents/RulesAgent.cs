using System.Text.Json;
using Aspire.Webhooks.Listeners;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// The built-in agent, which needs no model, key or network and returns the same result for the same event. It summarizes the
/// event and follows no instructions in it.
/// </summary>
public static class RulesAgent
{
    public const string Name = "rules";

    /// <summary>Summarizes an event. Fields that cannot be read are left out; it does not throw.</summary>
    public static AgentResult Run(WebhookEvent webhookEvent)
    {
        try
        {
            using var json = webhookEvent.ParseJson();
            return webhookEvent.EventType switch
            {
                "push" => GitHubSummary.OfPush(json.RootElement),
                "issues" => GitHubSummary.OfIssue(json.RootElement),
                _ => OfAny(webhookEvent, json.RootElement),
            };
        }
        catch (JsonException)
        {
            return new(
                $"{webhookEvent.Source} sent {webhookEvent.EventType} with {webhookEvent.Body.Length} bytes that are not JSON.",
                new Dictionary<string, string>(StringComparer.Ordinal));
        }
    }

    private static AgentResult OfAny(WebhookEvent webhookEvent, JsonElement payload)
    {
        var fields = payload.ValueKind == JsonValueKind.Object ? payload.EnumerateObject().Take(20).Select(PayloadText.Name) : [];
        return new(
            $"{webhookEvent.Source} sent {webhookEvent.EventType} with the fields {string.Join(", ", fields)}.",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["event_type"] = webhookEvent.EventType });
    }
}
