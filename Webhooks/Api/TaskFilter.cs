using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Aspire.Webhooks.Api;

/// <summary>Filters tasks. Absent fields match every task.</summary>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>awaiting_approval</c>, <c>completed</c>, <c>buried</c> or
/// <c>cancelled</c>.</param>
/// <param name="Playbook">The playbook of the task.</param>
/// <param name="Source">The source of the task's event.</param>
/// <param name="EventId">The id of the task's event.</param>
/// <param name="Since">Matches tasks created at this time or later; RFC 3339.</param>
/// <param name="Until">Matches tasks created before this time; RFC 3339.</param>
public sealed record TaskFilter(
    [FromQuery(Name = "state")] string? State = null,
    [FromQuery(Name = "playbook")] string? Playbook = null,
    [FromQuery(Name = "source")] string? Source = null,
    [FromQuery(Name = "event_id")] string? EventId = null,
    [FromQuery(Name = "since")] string? Since = null,
    [FromQuery(Name = "until")] string? Until = null)
{
    public TaskSelection Read(FieldErrors errors)
    {
        var (since, until) = errors.Span("", Since, Until);
        return new()
        {
            State = errors.OneOf("state", State, TaskStates.All) is { } state ? TaskStates.ToJob(state) : null,
            Playbook = errors.Text("playbook", Playbook),
            Source = errors.Text("source", Source),
            EventId = errors.Id("event_id", EventId),
            Since = since,
            Until = until,
        };
    }
}

/// <summary>A validated filter as SQL.</summary>
public sealed record TaskSelection
{
    // The jobs that the queue gives to external agents: JobSql.Claimable, of the job in this query.
    private const string ClaimableSql =
        "j.kind = 'external' and j.finished_at is null and (j.lease_until is null or j.lease_until < now()) and j.due_at <= "
            + "now()";

    /// <summary>The state of the job.</summary>
    public string? State { get; init; }

    public string? Playbook { get; init; }
    public string? Source { get; init; }
    public Guid? EventId { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>Selects only tasks that an external agent could claim now.</summary>
    public bool IsClaimable { get; init; }

    /// <summary>Selects only tasks older than this one.</summary>
    public Guid? Before { get; init; }

    /// <summary>Returns a query of the ids, unordered: <c>select t.id from … where …</c>.</summary>
    /// <param name="command">The command that the parameters are added to.</param>
    public string Sql(NpgsqlCommand command)
    {
        var conditions = new SqlConditions(command);
        var asksForJob = State is not null || IsClaimable;
        var hasEnded = State is not (null or "pending" or "waiting" or "running");
        AddId(Before, "<");
        conditions.Add(Playbook, "t.playbook = {0}");
        conditions.Add(EventId, "t.event_id = {0}");
        conditions.Add(Source, "e.source = {0}");
        conditions.Add(Since, "t.created_at >= {0}");
        conditions.Add(Until, "t.created_at < {0}");
        AddId(TimeOrderedId.Least(Since), ">=");
        AddId(TimeOrderedId.Greatest(Until), "<");
        conditions.Add(State, hasEnded
            ? "j.finished_at is not null and j.ended = {0}"
            : "j.finished_at is null and j.state = {0}");
        return $"""
            select t.id from webhooks.agent_tasks t
            {(asksForJob ? "join webhooks.jobs j on j.ref_id = t.id and j.kind in ('task', 'external')" : "")}
            {(Source is null ? "" : "join webhooks.inbound_events e on e.id = t.event_id")}
            where {conditions}{(IsClaimable ? $" and {ClaimableSql}" : "")}
            """;

        // The index of jobs that have ended has the order; see EventSelection.
        void AddId(Guid? id, string comparison) =>
            conditions.Add(id, hasEnded ? $"j.ref_id {comparison} {{0}}" : $"t.id {comparison} {{0}}");
    }
}

/// <summary>The states of tasks in the API. A task has the state of its job, by a name that fits tasks.</summary>
public static class TaskStates
{
    private const string AwaitingApproval = "awaiting_approval";
    private const string Completed = "completed";

    public static IReadOnlyList<string> All { get; } = ["pending", "running", AwaitingApproval, Completed, "buried", "cancelled"];

    public static string OfJob(string state) => state switch
    {
        "waiting" => AwaitingApproval,
        "done" => Completed,
        _ => state,
    };

    public static string ToJob(string state) => state switch
    {
        AwaitingApproval => "waiting",
        Completed => "done",
        _ => state,
    };
}
