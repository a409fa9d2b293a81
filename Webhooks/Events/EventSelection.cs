using Aspire.Webhooks.Fields;
using Npgsql;

namespace Aspire.Webhooks.Events;

/// <summary>Which events are meant, as SQL: the same for a list, a count and a replay, so that all three mean the same.</summary>
public sealed record EventSelection
{
    // Event ids begin with the time of receipt. A bound on them finds the rows in the primary key's order; the time itself
    // then decides, and the margin allows for ids that were made a moment before.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    public Guid? Id { get; init; }
    public string? Source { get; init; }
    public string? Type { get; init; }

    /// <summary>The latest job's.</summary>
    public string? State { get; init; }

    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }
    public string? DeliveryId { get; init; }

    /// <summary>Only older events than this one.</summary>
    public Guid? Before { get; init; }

    /// <summary>A query of the ids, in no order: <c>select e.id from … where …</c>.</summary>
    /// <param name="command">Gets the parameters.</param>
    public string Sql(NpgsqlCommand command)
    {
        var conditions = new List<string>();
        var hasEnded = State is not (null or "pending" or "running");
        AddId(Id, "=");
        AddId(Before, "<");
        Add(Source, "e.source = {0}");
        Add(Type, "e.event_type = {0}");
        Add(DeliveryId, "e.delivery_id = {0}");
        Add(Since, "e.received_at >= {0}");
        Add(Until, "e.received_at < {0}");
        AddId(Since is { } since ? TimeOrderedId.From(Earlier(since)) : null, ">=");
        AddId(Until is { } until ? TimeOrderedId.From(Later(until)) : null, "<");
        Add(State, "j.state = {0}");
        if (State is null)
        {
            return $"select e.id from webhooks.inbound_events e where {(conditions.Count == 0 ? "true" : string.Join(" and ", conditions))}";
        }

        // What finished_at says is implied by the state, but the index goes by it.
        return $"""
            select e.id from webhooks.jobs j join webhooks.inbound_events e on e.id = j.ref_id
            where j.kind = 'event'{(hasEnded ? " and j.finished_at is not null" : "")} and {string.Join(" and ", conditions)}
                and not exists (select from webhooks.jobs later where later.ref_id = j.ref_id and later.id > j.id)
            """;

        // Of the jobs too, where an index has them in that order: Postgres does not conclude from one bound to the other.
        void AddId(Guid? id, string comparison) =>
            Add(id, hasEnded ? $"e.id {comparison} {{0}} and j.ref_id {comparison} {{0}}" : $"e.id {comparison} {{0}}");

        void Add(object? value, string condition)
        {
            if (value is not null)
            {
                command.Parameters.Add(new() { Value = value });
                conditions.Add(condition.Replace("{0}", $"${command.Parameters.Count}", StringComparison.Ordinal));
            }
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset time) => time - DateTimeOffset.MinValue > Margin ? time - Margin : time;

    private static DateTimeOffset Later(DateTimeOffset time) => DateTimeOffset.MaxValue - time > Margin ? time + Margin : time;
}
