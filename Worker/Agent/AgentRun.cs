using System.Diagnostics;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Worker.Approvals;
using Aspire.Webhooks.Worker.Playbooks;
using Aspire.Webhooks.Worker.Prompts;
using Aspire.Webhooks.Worker.Steps;
using Aspire.Webhooks.Worker.Tasks;
using Aspire.Webhooks.Worker.Tools;
using Aspire.Webhooks.Worker.Transcripts;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agent;

/// <summary>What a run is about.</summary>
public sealed record AgentWork(LeasedJob Job, StoredTask Task, Playbook Playbook, WebhookEvent Event);

/// <summary>How a run ended.</summary>
public abstract record AgentOutcome
{
    public sealed record Completed(AgentResult Result) : AgentOutcome;

    /// <summary>A call waits for a person.</summary>
    /// <param name="Request">The step that asks; null when it asked already.</param>
    /// <param name="Deadline">When the task goes on without a decision.</param>
    public sealed record Waiting(TaskStep? Request, TimeSpan Deadline) : AgentOutcome;

    /// <summary>It cannot be completed.</summary>
    public sealed record GaveUp(string Reason) : AgentOutcome;
}

/// <summary>
/// Runs a task: prompt, model, tools, model, … until the model wants no more tools. Each step is stored when it happened, with its
/// effect in the same transaction; a run that goes on after a crash goes on behind the last stored step.
/// </summary>
public sealed class AgentRun(
    IServiceProvider services, StepStore store, ToolCalls toolCalls, ModelCalls modelCalls, ApprovalRequests approvals, Transcript transcript, JobWakeup wakeup,
    Redactor redactor, TimeProvider time)
{
    /// <exception cref="LeaseLostException">Another run has the task.</exception>
    public async Task<AgentOutcome> RunAsync(AgentWork work, CancellationToken cancellationToken)
    {
        var steps = await store.ReadAsync(work.Task.Id, cancellationToken);
        var budget = work.Playbook.Options.Budget;
        using var outOfTime = new CancellationTokenSource(Remaining(budget, steps), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(outOfTime.Token, cancellationToken);
        try
        {
            return await RunAsync(work, steps, either.Token);
        }
        catch (OperationCanceledException) when (outOfTime.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new AgentOutcome.GaveUp(Spending.OutOfTime(budget));
        }
    }

    private static TimeSpan Remaining(BudgetOptions budget, IReadOnlyList<TaskStep> steps)
    {
        var remaining = TimeSpan.FromSeconds(budget.Seconds) - Spending.Of(steps).Time;
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }

    private async Task<AgentOutcome> RunAsync(AgentWork work, List<TaskStep> steps, CancellationToken cancellationToken)
    {
        var prompt = AgentPrompt.Of(work.Playbook, work.Event, redactor, UntrustedText.NewBoundary());
        var functions = toolCalls.For(new(work.Task.Id, work.Event, work.Playbook));
        var shown = EventText.Redacted(work.Event, redactor);
        var client = services.GetRequiredKeyedService<IChatClient>(work.Playbook.Options.Agent);
        while (true)
        {
            var move = NextMove.After(steps);
            if (move is NextMove.AskModel or NextMove.CallTool && Spending.Of(steps).Exceeded(work.Playbook.Options.Budget) is { } exceeded)
            {
                return new AgentOutcome.GaveUp(exceeded);
            }

            switch (move)
            {
                case NextMove.Finish finish:
                    return new AgentOutcome.Completed(new(finish.Text, finish.Facts));
                case NextMove.Conclude conclude:
                    steps.Add(await AppendAsync(work, new(steps.Count, StepKind.Result, conclude.Text) { Data = TaskStep.ToData(conclude.Facts) }, cancellationToken));
                    break;
                case NextMove.Begin:
                    steps.Add(await AppendAsync(work, new(0, StepKind.Prompt, $"{prompt.System}\n\n{prompt.User}"), cancellationToken));
                    break;
                case NextMove.AskModel:
                    var said = await modelCalls.AskAsync(client, prompt, steps, shown, functions, cancellationToken);
                    steps.Add(await AppendAsync(work, said, cancellationToken));
                    break;
                case NextMove.CallTool call:
                    if (await CallAsync(work, steps, call, functions, cancellationToken) is { } waiting)
                    {
                        return waiting;
                    }

                    break;
            }
        }
    }

    // Null when the call has its step; otherwise it waits for a person.
    private async Task<AgentOutcome?> CallAsync(
        AgentWork work, List<TaskStep> steps, NextMove.CallTool move, IReadOnlyList<AIFunction> functions, CancellationToken cancellationToken)
    {
        var (call, asked) = move;
        ToolAnswer? answer = null;
        if (asked is { } position)
        {
            var approval = await approvals.FindAsync(work.Task.Id, position, cancellationToken);
            if (approval.IsPending)
            {
                return new AgentOutcome.Waiting(null, approval.Remaining);
            }

            answer = approval.Grants(call.Name, call.Arguments!) ? null : NotGranted(approval);
        }
        else if (work.Playbook.Options.RequireApproval.Contains(call.Name, StringComparer.Ordinal))
        {
            answer = await TryAsync(call, functions, cancellationToken);
            if (answer is null)
            {
                var request = new TaskStep(steps.Count, StepKind.Approval, "Waits for approval.") { Tool = call.Name, Data = call.Arguments };
                return new AgentOutcome.Waiting(request, work.Playbook.Options.ApprovalExpiry);
            }
        }

        steps.Add(await DoAsync(work, steps.Count, call, answer, functions, cancellationToken));
        return null;
    }

    // A person is not asked about a call that would be refused anyway.
    private async Task<ToolAnswer?> TryAsync(ToolCall call, IReadOnlyList<AIFunction> functions, CancellationToken cancellationToken)
    {
        var answer = toolCalls.ReturnsEffect(call.Name) ? await toolCalls.CallAsync(call, functions, cancellationToken) : ToolCalls.Refuse(call, functions);
        return answer is { Failed: true } ? answer : null;
    }

    private ToolAnswer NotGranted(ApprovalState approval) => new(
        approval.State switch
        {
            "granted" => "The approval was for other arguments; the call was not made.",
            "refused" => $"A person refused this call{(approval.Reason is { Length: > 0 } reason ? $": {redactor.Redact(reason)}" : ".")}",
            _ => "Nobody approved this call in time; it was not made.",
        },
        Failed: true);

    private async Task<TaskStep> DoAsync(
        AgentWork work, int position, ToolCall call, ToolAnswer? given, IReadOnlyList<AIFunction> functions, CancellationToken cancellationToken)
    {
        using var activity = AgentTelemetry.StartTool(call.Name, $"{work.Task.Id}:{position}");
        var start = time.GetTimestamp();
        var answer = given ?? await toolCalls.CallAsync(call, functions, cancellationToken);
        if (answer.Failed)
        {
            activity?.SetTag("error.type", "tool_error");
            activity?.SetStatus(ActivityStatusCode.Error, answer.Text);
        }

        var step = new TaskStep(position, StepKind.Tool, answer.Text)
        {
            Tool = call.Name, Data = call.Arguments, Failed = answer.Failed, Duration = time.GetElapsedTime(start),
        };
        if (answer.Effect is not { } effect)
        {
            return await AppendAsync(work, step, cancellationToken);
        }

        var done = await store.AppendAsync(
            work.Job, async (transaction, token) => step with { Content = toolCalls.Text(await effect.Apply(transaction, token)) }, cancellationToken);
        if (effect.Wakes is { } kind)
        {
            wakeup.Notify(kind);
        }

        await transcript.WriteAsync(work, done);
        return done;
    }

    private async Task<TaskStep> AppendAsync(AgentWork work, TaskStep step, CancellationToken cancellationToken)
    {
        await store.AppendAsync(work.Job, step, cancellationToken);
        await transcript.WriteAsync(work, step);
        return step;
    }
}
