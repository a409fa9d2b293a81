using System.Text.Json.Serialization;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Aspire.Webhooks.Api;

/// <summary>Filters events. Absent fields match every event.</summary>
/// <param name="Source">The source of the event.</param>
/// <param name="EventType">The provider's type.</param>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>processed</c>, <c>ignored</c>, <c>buried</c> or
/// <c>cancelled</c>.</param>
/// <param name="Since">Matches events received at this time or later; RFC 3339.</param>
/// <param name="Until">Matches events received before this time; RFC 3339.</param>
/// <param name="DeliveryId">The provider's id of the delivery.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EventFilter(
    [FromQuery(Name = "source")] string? Source = null,
    [FromQuery(Name = "event_type")] string? EventType = null,
    [FromQuery(Name = "state")] string? State = null,
    [FromQuery(Name = "since")] string? Since = null,
    [FromQuery(Name = "until")] string? Until = null,
    [FromQuery(Name = "delivery_id")] string? DeliveryId = null)
{
    private static readonly EventFilter Empty = new();

    [JsonIgnore]
    public bool IsEmpty => this == Empty;

    /// <summary>
    /// Returns the filter as a replay stores it. It is redacted because the caller may have pasted a credential; type and id as
    /// those of an event.
    /// </summary>
    public EventFilter Redacted(Redactor redactor) => this with
    {
        Source = Source is null ? null : redactor.Redact(Source),
        EventType = StoredType(redactor),
        DeliveryId = DeliveryId is null ? null : EventIdentifier.StoredId(DeliveryId, redactor),
    };

    /// <param name="redactor">Redacts what is stored of an event: a type is found by what was sent.</param>
    /// <param name="prefix">The prefix of field names in error messages: <c>filter.</c> in a body.</param>
    public EventSelection Read(FieldErrors errors, Redactor redactor, string prefix = "")
    {
        var (since, until) = errors.Span(prefix, Since, Until);
        return new()
        {
            Source = errors.Text($"{prefix}source", Source),
            EventType = errors.Text($"{prefix}event_type", EventType),
            StoredEventType = StoredType(redactor),
            State = errors.OneOf($"{prefix}state", State, EventStates.All) is { } state ? EventStates.ToJob(state) : null,
            Since = since,
            Until = until,
            DeliveryId = errors.Text($"{prefix}delivery_id", DeliveryId),
        };
    }

    private string? StoredType(Redactor redactor) =>
        EventType is null ? null : EventIdentifier.StoredType(EventType, redactor);
}

/// <summary>A validated filter as SQL. Lists, counts and replays share it, so that they select the same events.</summary>
public sealed record EventSelection
{
    public Guid? Id { get; init; }
    public string? Source { get; init; }

    /// <summary>The type as it was sent.</summary>
    public string? EventType { get; init; }

    /// <summary>The type as it is stored if it holds a credential.</summary>
    public string? StoredEventType { get; init; }

    /// <summary>The state of the latest job.</summary>
    public string? State { get; init; }

    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>The id as it was sent: it also selects events for which the hash of the id is stored.</summary>
    public string? DeliveryId { get; init; }

    /// <summary>Selects only events older than this one.</summary>
    public Guid? Before { get; init; }

    /// <summary>Selects only events whose content was not deleted.</summary>
    public bool HasContent { get; init; }

    /// <summary>Returns a query of the ids in order: <c>select e.id from … where … order by e.id</c>.</summary>
    /// <param name="command">The command that the parameters are added to.</param>
    /// <param name="newestFirst">Whether the newest event comes first, and not the oldest.</param>
    public string Sql(NpgsqlCommand command, bool newestFirst)
    {
        var direction = newestFirst ? " desc" : "";
        var conditions = new SqlConditions(command);
        var hasEnded = State is not (null or "pending" or "running");
        AddId(Id, "=");
        AddId(Before, "<");
        conditions.Add(Source, "e.source = {0}");
        // One type is read in the order of its index, two are not.
        conditions.Add(EventType == StoredEventType ? EventType : null, "e.event_type = {0}");
        conditions.Add(
            EventType == StoredEventType ? null : new[] { EventType!, StoredEventType! }, "e.event_type = any({0})");
        conditions.Add(
            DeliveryId is { } id ? new[] { id, EventIdentifier.Hash(id) } : null, "e.delivery_id = any({0})");
        conditions.Add(Since, "e.received_at >= {0}");
        conditions.Add(Until, "e.received_at < {0}");
        AddId(TimeOrderedId.Least(Since), ">=");
        AddId(TimeOrderedId.Greatest(Until), "<");
        conditions.Add(State, hasEnded ? "j.ended = {0}" : "j.state = {0}");
        var content = HasContent ? " and e.body is not null" : "";
        if (State is null)
        {
            return $"select e.id from webhooks.inbound_events e where {conditions}{content} order by e.id{direction}";
        }

        // No index has the open jobs in order. They are sorted before they are joined, because a page needs few of the joins.
        // Without the offset, Postgres would move the join before the sort.
        var sorted = hasEnded ? "" : $" order by ref_id{direction} offset 0";
        return $"""
            select e.id from (
                select id, ref_id, state, ended from webhooks.jobs
                where kind = 'event' and finished_at is {(hasEnded ? "not null" : "null")}{sorted}) j
            join webhooks.inbound_events e on e.id = j.ref_id
            where {conditions}{content}
                and not exists (select from webhooks.jobs later where later.ref_id = j.ref_id and later.id > j.id)
            order by e.id{direction}
            """;

        // Jobs are read in the order of their events, and Postgres does not infer one bound from the other. With both bounds it
        // expects so few rows that it reads and sorts all of them instead of the first.
        void AddId(Guid? id, string comparison) =>
            conditions.Add(id, State is null ? $"e.id {comparison} {{0}}" : $"j.ref_id {comparison} {{0}}");
    }
}

/// <summary>The states of events in the API. An event has the state of its latest job, by a name that fits events.</summary>
public static class EventStates
{
    private const string Processed = "processed";
    private const string Done = "done";

    public static IReadOnlyList<string> All { get; } = ["pending", "running", Processed, "ignored", "buried", "cancelled"];

    public static string OfJob(string state) => state == Done ? Processed : state;

    public static string ToJob(string state) => state == Processed ? Done : state;
}
