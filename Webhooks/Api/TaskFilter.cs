using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Aspire.Webhooks.Api;

/// <summary>Which tasks are meant; what is absent does not matter.</summary>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>awaiting_approval</c>, <c>completed</c>, <c>buried</c> or
/// <c>cancelled</c>.</param>
/// <param name="Playbook">The playbook that made them.</param>
/// <param name="Source">Who sent the event.</param>
/// <param name="EventId">The event that caused them.</param>
/// <param name="Since">Made at that time or later; RFC 3339.</param>
/// <param name="Until">Made before that time; RFC 3339.</param>
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
            conditions.Add(
                id, asksForJob ? $"t.id {comparison} {{0}} and j.ref_id {comparison} {{0}}" : $"t.id {comparison} {{0}}");
    }
}

/// <summary>A task's state as people know it: that of its job, in words that fit a task.</summary>
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
