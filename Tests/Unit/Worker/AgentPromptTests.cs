using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Tests.Unit.Worker;

public sealed class AgentPromptTests
{
    [Fact]
    public void A_configured_secret_in_the_instructions_is_not_shown_either()
    {
        const string secret = "configured-secret-0123";
        var playbook = new Playbook(
            "triage", new() { Source = "github", EventTypes = ["*"], Instructions = $"Sign it with {secret}." });
        var webhookEvent = new WebhookEvent(
            Guid.Empty, "github", "1", "issues", "application/json", new Dictionary<string, string>(StringComparer.Ordinal),
            "{}"u8.ToArray());

        var prompt = AgentPrompt.Of(playbook, webhookEvent, new Redactor([secret]), UntrustedText.NewBoundary());

        Assert.Contains($"Sign it with {Redactor.Replacement}.", prompt.System, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, prompt.System, StringComparison.Ordinal);
    }
}
