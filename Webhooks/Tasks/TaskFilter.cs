using Aspire.Webhooks.Fields;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Tasks;

/// <summary>Which tasks are meant; what is absent does not matter.</summary>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>awaiting_approval</c>, <c>completed</c>, <c>buried</c> or <c>cancelled</c>.</param>
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
