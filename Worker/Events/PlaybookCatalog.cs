using Aspire.Webhooks.Listeners;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>A playbook and its name.</summary>
public sealed record Playbook(string Name, PlaybookOptions Options)
{
    /// <summary>The agent whose tasks are claimed by external agents.</summary>
    public const string External = "external";

    private readonly IReadOnlyList<EventTypePattern> _types = [.. Options.EventTypes.Select(EventTypePattern.Parse)];

    public bool IsExternal => Options.Agent == External;

    public bool Matches(string source, string eventType) =>
        string.Equals(Options.Source, source, StringComparison.OrdinalIgnoreCase) && _types.Any(type => type.Matches(eventType));
}

/// <summary>The configured playbooks.</summary>
public sealed class PlaybookCatalog(IOptions<PlaybooksOptions> options)
{
    private readonly IReadOnlyList<Playbook> _playbooks =
        [.. options.Value.Select(p => new Playbook(p.Key, p.Value)).OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>All playbooks, ordered by name.</summary>
    public IReadOnlyList<Playbook> All => _playbooks;

    /// <summary>Returns the playbooks that match an event, ordered by name.</summary>
    public IReadOnlyList<Playbook> Matching(WebhookEvent webhookEvent) =>
        [.. _playbooks.Where(playbook => playbook.Matches(webhookEvent.Source, webhookEvent.EventType))];

    /// <summary>Returns the playbook with the name; null when it is no longer configured.</summary>
    public Playbook? Find(string name) =>
        _playbooks.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));
}
