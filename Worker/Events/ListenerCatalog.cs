using Aspire.Webhooks.Listeners;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>A listener and its name. The name is the full name of its type, by which its successes are stored.</summary>
public sealed record NamedListener(string Name, WebhookListener Listener, IReadOnlyList<EventTypePattern> Types);

/// <summary>The registered listeners.</summary>
public sealed class ListenerCatalog
{
    private readonly ILookup<string, NamedListener> _bySource;

    /// <exception cref="InvalidOperationException">Listeners have errors; the message lists all of them.</exception>
    public ListenerCatalog(IEnumerable<WebhookListener> listeners)
    {
        var errors = new List<string>();
        _bySource = listeners
            .Select(listener => new NamedListener(listener.GetType().ToString(), listener, Types(listener, errors)))
            .ToLookup(named => named.Listener.Source, StringComparer.OrdinalIgnoreCase);

        // Two listeners with the same name would share the record of their successes.
        errors.AddRange(_bySource.SelectMany(source => source
            .GroupBy(named => named.Name, StringComparer.Ordinal)
            .Where(same => same.Skip(1).Any())
            .Select(same => $"{same.Key} is registered more than once for the source '{source.Key}'.")));
        if (errors.Count > 0)
        {
            throw new InvalidOperationException($"Invalid listeners:\n  {string.Join("\n  ", errors)}");
        }
    }

    /// <summary>Returns the listeners of an event in order of registration.</summary>
    public IReadOnlyList<NamedListener> Matching(WebhookEvent webhookEvent) =>
        [.. _bySource[webhookEvent.Source].Where(named => named.Types.Any(type => type.Matches(webhookEvent.EventType)))];

    private static List<EventTypePattern> Types(WebhookListener listener, List<string> errors)
    {
        var types = new List<EventTypePattern>();
        foreach (var text in listener.EventTypes)
        {
            try
            {
                types.Add(EventTypePattern.Parse(text));
            }
            catch (FormatException exception)
            {
                errors.Add($"{listener.GetType()}: {exception.Message}");
            }
        }

        return types;
    }
}
