using Aspire.Webhooks.Fields;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Tasks;

/// <summary>Which tasks are meant, as SQL.</summary>
public sealed record TaskSelection
{
    // What the queue gives to an agent outside: what is due, and what somebody held too long.
    private const string ClaimableSql = """
        j.kind = 'external' and j.finished_at is null
        and (j.state <> 'running' and j.due_at <= now() or j.state = 'running' and j.lease_until < now())
        """;

    /// <summary>The job's.</summary>
    public string? State { get; init; }

    public string? Playbook { get; init; }
    public string? Source { get; init; }
    public Guid? EventId { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only those that an agent outside could claim now.</summary>
    public bool IsClaimable { get; init; }

    /// <summary>Only older tasks than this one.</summary>
    public Guid? Before { get; init; }

    /// <summary>A query of the ids, in no order: <c>select t.id from … where …</c>.</summary>
    /// <param name="command">Gets the parameters.</param>
    public string Sql(NpgsqlCommand command)
    {
        var conditions = new SqlConditions(command);
        var asksForJob = State is not null || IsClaimable;
        AddId(Before, "<");
        conditions.Add(Playbook, "t.playbook = {0}");
        conditions.Add(EventId, "t.event_id = {0}");
        conditions.Add(Source, "e.source = {0}");
        conditions.Add(Since, "t.created_at >= {0}");
        conditions.Add(Until, "t.created_at < {0}");
        AddId(TimeOrderedId.Least(Since), ">=");
        AddId(TimeOrderedId.Greatest(Until), "<");
        conditions.Add(State, State is null or "pending" or "waiting" or "running"
            ? "j.finished_at is null and j.state = {0}"
            : "j.finished_at is not null and j.ended = {0}");
        return $"""
            select t.id from webhooks.agent_tasks t
            {(asksForJob ? "join webhooks.jobs j on j.ref_id = t.id and j.kind in ('task', 'external')" : "")}
            {(Source is null ? "" : "join webhooks.inbound_events e on e.id = t.event_id")}
            where {conditions}{(IsClaimable ? $" and {ClaimableSql}" : "")}
            """;

        // Of the jobs too, where an index has them in that order: Postgres does not conclude from one bound to the other.
        void AddId(Guid? id, string comparison) =>
            conditions.Add(id, asksForJob ? $"t.id {comparison} {{0}} and j.ref_id {comparison} {{0}}" : $"t.id {comparison} {{0}}");
    }
}
