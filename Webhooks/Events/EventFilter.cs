using System.Text.Json.Serialization;
using Aspire.Webhooks.Fields;
using Aspire.Webhooks.Redaction;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Events;

/// <summary>Which events are meant; what is absent does not matter.</summary>
/// <param name="Source">Who sent them.</param>
/// <param name="Type">The provider's type.</param>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>processed</c>, <c>ignored</c>, <c>buried</c> or <c>cancelled</c>.</param>
/// <param name="Since">Received at that time or later; RFC 3339.</param>
/// <param name="Until">Received before that time; RFC 3339.</param>
/// <param name="DeliveryId">The provider's id of the delivery.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EventFilter(
    [FromQuery(Name = "source")] string? Source = null,
    [FromQuery(Name = "type")] string? Type = null,
    [FromQuery(Name = "state")] string? State = null,
    [FromQuery(Name = "since")] string? Since = null,
    [FromQuery(Name = "until")] string? Until = null,
    [FromQuery(Name = "delivery_id")] string? DeliveryId = null)
{
    private static readonly EventFilter Empty = new();

    [JsonIgnore]
    public bool IsEmpty => this == Empty;

    /// <summary>As it is stored of a replay: whoever asks may have pasted a credential.</summary>
    public EventFilter Redacted(Redactor redactor) => this with
    {
        Source = Source is null ? null : redactor.Redact(Source),
        Type = Type is null ? null : redactor.Redact(Type),
        DeliveryId = DeliveryId is null ? null : redactor.Redact(DeliveryId),
    };

    /// <param name="prefix">What stands before the fields' names in messages: <c>filter.</c> in a body.</param>
    public EventSelection Read(FieldErrors errors, string prefix = "")
    {
        var (since, until) = errors.Span(prefix, Since, Until);
        return new()
        {
            Source = errors.Text($"{prefix}source", Source),
            Type = errors.Text($"{prefix}type", Type),
            State = errors.OneOf($"{prefix}state", State, EventStates.All) is { } state ? EventStates.ToJob(state) : null,
            Since = since,
            Until = until,
            DeliveryId = errors.Text($"{prefix}delivery_id", DeliveryId),
        };
    }
}
