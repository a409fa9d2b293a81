using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>A type of event that merchants can subscribe to.</summary>
/// <param name="Name">As messages carry it, such as <c>invoice.paid</c>.</param>
/// <param name="Description">What has happened when it is sent.</param>
public sealed record EventType(string Name, string Description);

/// <summary>The types of events that there are: our own and the configured ones.</summary>
public sealed class EventTypeCatalog
{
    /// <summary>
    /// Sent to one endpoint, to find out whether it can be reached. Nobody subscribes to it, so it is no type of the
    /// catalogue.
    /// </summary>
    public const string Ping = "webhook.ping";

    private static readonly IReadOnlyDictionary<string, string> OurOwn = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [EndpointDeactivation.EventType] = "One of your endpoints was made inactive: it failed too often, or it answered 410.",
        ["task.completed"] = "An agent has completed a task.",
    };

    private readonly FrozenSet<string> _names;

    public EventTypeCatalog(IOptions<EventTypesOptions> options)
    {
        var described = new Dictionary<string, string>(OurOwn, StringComparer.Ordinal);
        foreach (var (name, type) in options.Value)
        {
            described[name] = type.Description;
        }

        All = [.. described.Select(type => new EventType(type.Key, type.Value))
            .OrderBy(type => type.Name, StringComparer.Ordinal)];
        _names = All.Select(type => type.Name).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>All of them, in the order of their names.</summary>
    public IReadOnlyList<EventType> All { get; }

    public bool Knows(string name) => _names.Contains(name);
}
