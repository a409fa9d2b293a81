namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>A type of event that merchants can subscribe to. Section <c>Webhooks:EventTypes:{name}</c>.</summary>
public sealed class EventTypeOptions
{
    /// <summary>What has happened when it is sent, in a sentence for merchants' developers.</summary>
    public string Description { get; set; } = "";
}

/// <summary>Section <c>Webhooks:EventTypes</c>, by name: 1 to 255 letters, digits, <c>_</c>, <c>.</c> and <c>-</c>. Case counts.</summary>
public sealed class EventTypesOptions() : Dictionary<string, EventTypeOptions>(StringComparer.Ordinal)
{
    public const string Section = "Webhooks:EventTypes";
}
