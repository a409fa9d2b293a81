using System.Collections.Frozen;
using Aspire.Webhooks.Messages;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>An event type that merchants can subscribe to.</summary>
/// <param name="Name">The type of the messages, such as <c>invoice.paid</c>.</param>
/// <param name="Description">The event that the type stands for.</param>
public sealed record EventType(string Name, string Description);

/// <summary>The event types: the built-in and the configured ones, and those of operators where there are any.</summary>
public sealed class EventTypeCatalog
{
    /// <summary>
    /// The type of a ping, which tests whether one endpoint can be reached. It is not in the catalog, because endpoints cannot
    /// subscribe to it.
    /// </summary>
    public const string Ping = "webhook.ping";

    private static readonly IReadOnlyDictionary<string, string> BuiltIn = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [EndpointDeactivation.EventType] = "One of your endpoints was made inactive: it failed too often, or it answered 410.",
        ["task.completed"] = "An agent has completed a task.",
    };

    private readonly FrozenSet<string> _names;

    public EventTypeCatalog(IOptions<EventTypesOptions> options, IOptions<OperatorOptions> operators)
    {
        var described = new Dictionary<string, string>(
            operators.Value.Merchant.Length > 0 ? BuiltIn.Concat(OperatorEvents.Types) : BuiltIn, StringComparer.Ordinal);
        foreach (var (name, type) in options.Value)
        {
            described[name] = type.Description;
        }

        All = [.. described.Select(type => new EventType(type.Key, type.Value))
            .OrderBy(type => type.Name, StringComparer.Ordinal)];
        _names = All.Select(type => type.Name).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>All types, ordered by name.</summary>
    public IReadOnlyList<EventType> All { get; }

    public bool Knows(string name) => _names.Contains(name);
}
