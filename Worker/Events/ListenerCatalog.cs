using Aspire.Webhooks.Listeners;

namespace Aspire.Webhooks.Worker.Events;

/// <summary>A listener under its name, the full name of its type, by which its successes are kept.</summary>
public sealed record NamedListener(string Name, WebhookListener Listener, IReadOnlyList<EventTypePattern> Types);

/// <summary>The registered listeners.</summary>
public sealed class ListenerCatalog
{
    private readonly ILookup<string, NamedListener> _bySource;

    /// <exception cref="InvalidOperationException">The listeners have errors; the message lists all of them.</exception>
    public ListenerCatalog(IEnumerable<WebhookListener> listeners)
    {
        var errors = new List<string>();
        _bySource = listeners
            .Select(listener => new NamedListener(listener.GetType().ToString(), listener, Types(listener, errors)))
            .ToLookup(named => named.Listener.Source, StringComparer.OrdinalIgnoreCase);

        // Of two with one name, the success of one would be taken for the other's.
        errors.AddRange(_bySource.SelectMany(source => source
            .GroupBy(named => named.Name, StringComparer.Ordinal)
            .Where(same => same.Skip(1).Any())
            .Select(same => $"{same.Key} is registered more than once for the source '{source.Key}'.")));
        if (errors.Count > 0)
        {
            throw new InvalidOperationException($"The listeners are not right:\n  {string.Join("\n  ", errors)}");
        }
    }

    /// <summary>The listeners for an event, in the order in which they were registered.</summary>
    public IReadOnlyList<NamedListener> Wanting(WebhookEvent webhookEvent) =>
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
