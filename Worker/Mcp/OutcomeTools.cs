using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using ModelContextProtocol.Server;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>
/// Ends the lease of a task by completing it, failing it or requesting approval. The names of the parameters are those of the
/// protocol.
/// </summary>
internal sealed class OutcomeTools(
    ExternalTasks tasks, WorkLoader works, StepStore steps, TaskCompletion completion, ApprovalRequests approvals,
    Transcript transcript, Redactor redactor, RedactedAnswer answer)
{
    private const int MaxSummary = 4_000;
    private const int MaxFacts = 50;
    private const int MaxFactName = 100;
    private const int MaxFact = 1_000;
    private const int MaxError = 2_000;
    private const int MaxArguments = 32 * 1024;
    private const int MaxAction = 100;

    [McpServerTool(Name = "complete_task", Title = "Complete a task", Destructive = false, OpenWorld = false)]
    [Description("Reports a task's result, which is stored and published to the playbook's merchant, and ends the lease.")]
    public async Task<string> CompleteAsync(
        [Description("The task's id.")] string task_id,
        [Description("From claim_task.")] string lease_token,
        [Description("What came of it, in plain text for a person: 1 to 4000 characters.")] string summary,
        [Description("The same for programs: up to 50 names with texts of up to 1000 characters.")]
        Dictionary<string, string>? facts = null,
        CancellationToken cancellationToken = default)
    {
        Arguments.Text("summary", summary, MaxSummary);
        CheckFacts(facts ??= []);
        var work = await HeldAsync(task_id, lease_token, cancellationToken);
        using var activity = AgentTelemetry.StartAgent(work);
        var result = new AgentResult(summary, facts).Redacted(redactor);
        var step = Next(work, StepKind.Result, result.Summary) with { Data = TaskStep.ToData(result.Facts) };
        var outcome = completion.Complete(work.Task, work.Playbook, work.Event, result, activity?.Id ?? work.Task.Traceparent);
        await SettleAsync(work, step, outcome, cancellationToken);
        return answer.Write(new { TaskId = work.Task.Id, State = TaskStates.OfJob(outcome.State) });
    }

    [McpServerTool(Name = "fail_task", Title = "Fail a task", Destructive = true, OpenWorld = false)]
    [Description(
        "Says that a task could not be done, and ends the lease. It is tried again later, or kept for a person when it was "
            + "tried often enough or cannot succeed.")]
    public async Task<string> FailAsync(
        [Description("The task's id.")] string task_id,
        [Description("From claim_task.")] string lease_token,
        [Description("What went wrong: 1 to 2000 characters.")] string error,
        [Description("False when another try would fail as well.")] bool retryable = true,
        CancellationToken cancellationToken = default)
    {
        var said = redactor.Redact(Arguments.Text("error", error, MaxError));
        var job = await tasks.HeldAsync(
            Arguments.Id("task_id", task_id), Arguments.Id("lease_token", lease_token), cancellationToken);
        var outcome = retryable ? tasks.ScheduleOf(job).AfterFailure(job, said) : JobOutcome.Bury(said);
        await tasks.SettleAsync(job, outcome, cancellationToken);
        return answer.Write(new
        {
            TaskId = job.RefId, State = TaskStates.OfJob(outcome.State),
            RetryInSeconds = outcome.State == JobStates.Pending ? outcome.Delay.TotalSeconds : (double?)null,
        });
    }

    [McpServerTool(Name = "request_approval", Title = "Ask a person", Destructive = false, OpenWorld = false)]
    [Description(
        "Asks a person to approve something before you do it, and ends the lease: the task waits. After the decision, or when "
            + "its time is over, it can be claimed again, and its approvals say what was decided. A grant is for exactly "
            + "these arguments, once.")]
    public async Task<string> RequestApprovalAsync(
        [Description("The task's id.")] string task_id,
        [Description("From claim_task.")] string lease_token,
        [Description("What you would do, as a name such as delete_branch: 1 to 100 characters.")] string action,
        [Description("With what exactly: a JSON object of up to 32 KiB.")] Dictionary<string, JsonElement> arguments,
        [Description("Why, for the person who decides: up to 2000 characters.")] string? explanation = "",
        CancellationToken cancellationToken = default)
    {
        var name = redactor.Redact(Arguments.Line("action", action, MaxAction));
        var shown = RedactedJson.Write(
            JsonSerializer.SerializeToElement(arguments ?? throw new ToolException("arguments is a JSON object.")), redactor);
        explanation ??= "";
        if (StorableText.IsLonger(explanation, MaxError) || Encoding.UTF8.GetByteCount(shown) > MaxArguments)
        {
            throw new ToolException($"explanation has up to {MaxError} characters, and arguments up to {MaxArguments} bytes.");
        }

        var work = await HeldAsync(task_id, lease_token, cancellationToken);
        var max = work.Playbook.Options.Budget.Steps;
        if (work.Steps.Count(done => done.Kind == StepKind.Approval) >= max)
        {
            throw new ToolException($"People were asked {max} times for this task; its budget allows no more. Complete it.");
        }

        var step = Next(work, StepKind.Approval, redactor.Redact(explanation)) with { Tool = name, Data = shown };
        var expiry = work.Playbook.Options.ApprovalExpiry;
        var outcome = JobOutcome.Wait(expiry) with
        {
            Handover = (transaction, token) =>
                approvals.RequestAsync(work.Task.Id, step.Position, name, shown, expiry, transaction, token),
        };
        await SettleAsync(work, step, outcome, cancellationToken);
        return answer.Write(new
        {
            TaskId = work.Task.Id, State = TaskStates.OfJob(outcome.State), ArgumentsSha256 = ApprovalRequests.Hash(name, shown),
            ExpiresInSeconds = expiry.TotalSeconds,
        });
    }

    private static void CheckFacts(Dictionary<string, string> facts)
    {
        if (facts.Count > MaxFacts
            || facts.Any(fact => fact.Key.Length == 0 || StorableText.IsLonger(fact.Key, MaxFactName)
                || fact.Value is null || StorableText.IsLonger(fact.Value, MaxFact)))
        {
            throw new ToolException(
                $"facts has up to {MaxFacts} names of 1 to {MaxFactName} characters, with texts of up to {MaxFact}.");
        }
    }

    private async Task<AgentWork> HeldAsync(string taskId, string leaseToken, CancellationToken cancellationToken) =>
        await works.LoadAsync(
            await tasks.HeldAsync(Arguments.Id("task_id", taskId), Arguments.Id("lease_token", leaseToken), cancellationToken),
            cancellationToken);

    private static TaskStep Next(AgentWork work, string kind, string content) => new(work.Steps.Count, kind, content);

    // The step, its effects and the end of the lease are one transaction.
    private async Task SettleAsync(AgentWork work, TaskStep step, JobOutcome outcome, CancellationToken cancellationToken)
    {
        await tasks.SettleAsync(work.Job, steps.With(outcome, work.Task.Id, [step]), cancellationToken);
        await transcript.WriteAsync(work, step);
    }
}
