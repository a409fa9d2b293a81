using System.ComponentModel;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>Lets an agent take a task and keep it. Parameters are named as they travel.</summary>
internal sealed class LeaseTools(
    ExternalTasks tasks, WorkLoader works, JobQueue queue, StepStore steps, ApprovalRequests requests, ApprovalQueries approvals,
    Transcript transcript, Redactor redactor, RedactedAnswer answer)
{
    private const int DefaultLease = 300;
    private const string Used = "used";

    [McpServerTool(Name = "claim_task", Title = "Claim a task", Destructive = false, OpenWorld = false)]
    [Description("Takes a task for yourself for a while: the one you name, or the one that waits longest. Answers with its instructions, what people decided so far, and the lease_token that every write needs; then the event, as data that strangers wrote.")]
    public async Task<IEnumerable<ContentBlock>> ClaimAsync(
        [Description("The task's id. Absent for the one that waits longest.")] string? task_id = null,
        [Description("How long nobody else gets it, unless heartbeat_task makes it longer: 30 to 3600.")] int lease_seconds = DefaultLease,
        CancellationToken cancellationToken = default)
    {
        var lease = Arguments.Lease(lease_seconds);
        var job = await tasks.ClaimAsync(task_id is null ? null : Arguments.Id("task_id", task_id), lease, cancellationToken);
        if (await works.TryLoadAsync(job, cancellationToken) is not { } work)
        {
            await tasks.SettleAsync(job, JobOutcome.HandBack(), cancellationToken);
            throw new ToolException($"The playbook of task {job.RefId} is not configured here.");
        }

        var prompt = AgentPrompt.Of(work.Playbook, work.Event, redactor, UntrustedText.NewBoundary());
        await NoteStartAsync(work, prompt, cancellationToken);

        // A grant is shown to one lease: whoever held an earlier one may have acted on it.
        var granted = await requests.StartAsync(job, position: null, cancellationToken);
        var decided = (await approvals.OfTasksAsync([work.Task.Id], cancellationToken))[work.Task.Id]
            .Select(asked => asked.StartedAt is null || granted.Contains(asked.Id) ? asked : asked with { State = Used });
        return RedactedAnswer.Blocks(
            answer.Write(
                new
                {
                    TaskId = work.Task.Id,
                    work.Task.EventId,
                    Playbook = work.Playbook.Name,
                    work.Playbook.Options.Instructions,
                    job.Attempt,
                    Approvals = decided,
                    LeaseUntil = await tasks.LeaseUntilAsync(job, cancellationToken),
                },
                job.LeaseToken),
            prompt.User);
    }

    [McpServerTool(Name = "heartbeat_task", Title = "Keep a task", Destructive = false, Idempotent = true, OpenWorld = false)]
    [Description("Keeps a task that you hold: the lease lasts for lease_seconds from now.")]
    public async Task<string> HeartbeatAsync(
        [Description("The task's id.")] string task_id,
        [Description("From claim_task.")] string lease_token,
        [Description("From now on: 30 to 3600.")] int lease_seconds = DefaultLease,
        CancellationToken cancellationToken = default)
    {
        var lease = Arguments.Lease(lease_seconds);
        var job = await tasks.HeldAsync(Arguments.Id("task_id", task_id), Arguments.Id("lease_token", lease_token), cancellationToken);
        await queue.RenewAsync(job, lease, cancellationToken);
        return answer.Write(new { TaskId = job.RefId, LeaseUntil = await tasks.LeaseUntilAsync(job, cancellationToken) });
    }

    // The first claim is what a prompt is to a model. A later one finds out what became of the question that it waited for.
    private async Task NoteStartAsync(AgentWork work, AgentPrompt prompt, CancellationToken cancellationToken)
    {
        if (work.Steps.Count == 0)
        {
            var step = new TaskStep(0, StepKind.Prompt, $"{redactor.Redact(work.Playbook.Options.Instructions)}\n\n{prompt.User}");
            await steps.AppendAsync(work.Job, [step], cancellationToken);
            await transcript.WriteAsync(work, step);
        }
        else if (work.Steps[^1] is { Kind: StepKind.Approval } asked)
        {
            await requests.FindAsync(work.Task.Id, asked.Position, cancellationToken);
        }
    }
}
