using Aspire.Webhooks.Listeners;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Worker.Playbooks;

/// <summary>A playbook under its name.</summary>
public sealed record Playbook(string Name, PlaybookOptions Options);

/// <summary>The configured playbooks.</summary>
public sealed class PlaybookCatalog(IOptions<PlaybooksOptions> options)
{
    private readonly IReadOnlyList<Playbook> _playbooks = [.. options.Value.Playbooks.Select(p => new Playbook(p.Key, p.Value))];

    /// <summary>All playbooks for an event, in the order of their names.</summary>
    public IReadOnlyList<Playbook> Matching(WebhookEvent webhookEvent) =>
    [
        .. _playbooks
            .Where(p => string.Equals(p.Options.Source, webhookEvent.Source, StringComparison.OrdinalIgnoreCase)
                && p.Options.EventTypes.Exists(type => type == "*" || type == webhookEvent.EventType))
            .OrderBy(p => p.Name, StringComparer.Ordinal),
    ];

    /// <summary>The playbook of that name; null when the configuration no longer has it.</summary>
    public Playbook? Find(string name) => _playbooks.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));
}
