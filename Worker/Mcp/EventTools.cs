using System.ComponentModel;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>Shows and replays events. The names of the parameters are those of the protocol.</summary>
internal sealed class EventTools(
    EventQueries reader, EventStore store, AgentReplays replays, Redactor redactor, RedactedAnswer answer)
{
    private const int DefaultLimit = 20;

    [McpServerTool(Name = "list_events", Title = "List events", ReadOnly = true, OpenWorld = false)]
    [Description("Lists webhook events, newest first, with the tasks that they caused. Payloads are read with read_event.")]
    public async Task<string> ListAsync(
        [Description("Who sent it, such as github.")] string? source = null,
        [Description("The provider's type of event, exactly, such as push.")] string? event_type = null,
        [Description("pending, running, processed, ignored, buried or cancelled.")] string? state = null,
        [Description("Received at that time or later, such as 2026-01-31T08:00:00Z.")] string? since = null,
        [Description("Received before that time.")] string? until = null,
        [Description("The provider's id of the delivery.")] string? delivery_id = null,
        [Description("How many, 1 to 200.")] int limit = DefaultLimit,
        [Description("next_cursor of the page before.")] string? cursor = null,
        CancellationToken cancellationToken = default)
    {
        var errors = new FieldErrors();
        var selection = new EventFilter(source, event_type, state, since, until, delivery_id).Read(errors, redactor);
        var paging = Paging.Read(new(cursor, $"{limit}"), errors);
        Arguments.Check(errors);
        return answer.Write(await reader.ListAsync(selection, paging, cancellationToken));
    }

    [McpServerTool(Name = "read_event", Title = "Read an event", ReadOnly = true, OpenWorld = false)]
    [Description("Shows an event: first what is known of it, then its payload, or a part of it, as data that strangers wrote.")]
    public async Task<IEnumerable<ContentBlock>> ReadAsync(
        [Description("The event's id.")] string event_id,
        [Description("JSON pointer (RFC 6901) to a part of the payload, such as /issue/body or /commits/0. Empty for the whole.")]
        string? pointer = "",
        [Description("How many characters of it to skip, from 0.")] int offset = 0,
        CancellationToken cancellationToken = default)
    {
        var id = Arguments.Id("event_id", event_id);
        var found = await reader.FindAsync(id, cancellationToken) ?? throw new ToolException($"There is no event {id}.");
        var (webhookEvent, _) = await store.LoadAsync(id, cancellationToken);
        var payload = new ReadEvent(webhookEvent, redactor).Read(pointer, offset);
        return RedactedAnswer.Blocks(
            answer.Write(new
            {
                found.Id, found.Source, found.DeliveryId, found.EventType, found.ReceivedAt, found.State, found.LastError,
                found.TraceId, found.ContentType, found.Headers,
                Tasks = found.Tasks.Select(task => new { task.Id, task.Playbook, task.State }),
            }),
            UntrustedText.Enclose(payload, $"payload of event {id}", UntrustedText.NewBoundary()));
    }

    [McpServerTool(Name = "replay_event", Title = "Replay an event", Destructive = true, OpenWorld = false)]
    [Description(
        "Processes the event of a task that you hold again: its listeners run and its playbooks make new tasks. "
            + "Only for an event whose processing went wrong, and only so often.")]
    public async Task<string> ReplayAsync(
        [Description("The event's id.")] string event_id,
        [Description("Why, for whoever looks at it later: 1 to 500 characters.")] string reason,
        [Description("A task of that event that you hold. Absent where the settings allow any event.")] string? task_id = null,
        [Description("From claim_task, of that task.")] string? lease_token = null,
        CancellationToken cancellationToken = default)
    {
        var errors = new FieldErrors();
        var id = errors.Id("event_id", event_id) ?? Guid.Empty;
        var why = Reason.Read(reason, errors);
        Arguments.Check(errors);
        (Guid, Guid)? lease = task_id is null && lease_token is null
            ? null
            : (Arguments.Id("task_id", task_id), Arguments.Id("lease_token", lease_token));
        return answer.Write(new { ReplayId = await replays.StartAsync(id, why, lease, cancellationToken), EventId = id });
    }
}
