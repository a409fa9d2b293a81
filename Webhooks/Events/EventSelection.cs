using Aspire.Webhooks.Fields;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Events;

/// <summary>Which events are meant, as SQL: the same for a list, a count and a replay, so that all three mean the same.</summary>
public sealed record EventSelection
{
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
        var conditions = new SqlConditions(command);
        var hasEnded = State is not (null or "pending" or "running");
        AddId(Id, "=");
        AddId(Before, "<");
        conditions.Add(Source, "e.source = {0}");
        conditions.Add(Type, "e.event_type = {0}");
        conditions.Add(DeliveryId, "e.delivery_id = {0}");
        conditions.Add(Since, "e.received_at >= {0}");
        conditions.Add(Until, "e.received_at < {0}");
        AddId(TimeOrderedId.Least(Since), ">=");
        AddId(TimeOrderedId.Greatest(Until), "<");
        conditions.Add(State, hasEnded ? "j.ended = {0}" : "j.state = {0}");
        if (State is null)
        {
            return $"select e.id from webhooks.inbound_events e where {conditions}";
        }

        return $"""
            select e.id from webhooks.jobs j join webhooks.inbound_events e on e.id = j.ref_id
            where j.kind = 'event'{(hasEnded ? " and j.finished_at is not null" : " and j.finished_at is null")} and {conditions}
                and not exists (select from webhooks.jobs later where later.ref_id = j.ref_id and later.id > j.id)
            """;

        // Of the jobs too, where an index has them in that order: Postgres does not conclude from one bound to the other.
        void AddId(Guid? id, string comparison) =>
            conditions.Add(id, hasEnded ? $"e.id {comparison} {{0}} and j.ref_id {comparison} {{0}}" : $"e.id {comparison} {{0}}");
    }
}
