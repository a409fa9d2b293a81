using System.Diagnostics;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The input of a run.</summary>
/// <param name="Steps">The stored steps of the task.</param>
public sealed record AgentWork(
    LeasedJob Job, StoredTask Task, Playbook Playbook, WebhookEvent Event, IReadOnlyList<TaskStep> Steps);

/// <summary>The outcome of a run.</summary>
public abstract record AgentOutcome
{
    /// <summary>The last steps, which are stored in the transaction that settles the job.</summary>
    public IReadOnlyList<TaskStep> Unstored { get; init; } = [];

    /// <summary>The task is completed.</summary>
    public sealed record Completed(AgentResult Result) : AgentOutcome;

    /// <summary>A call waits for the decision of a person.</summary>
    /// <param name="Request">The step that requests approval, the last of <see cref="AgentOutcome.Unstored"/>; null when an
    /// earlier run has requested it.</param>
    /// <param name="Deadline">The time until the task continues without a decision.</param>
    public sealed record Waiting(TaskStep? Request, TimeSpan Deadline) : AgentOutcome;

    /// <summary>The task cannot be completed.</summary>
    public sealed record GaveUp(string Reason) : AgentOutcome;
}

/// <summary>
/// Runs a task: prompt, model, tools, model, … until the model calls no more tools. Steps are stored before each call to another
/// process, and the answer of a model that costs money is stored at once. The effect of a tool is committed with its step. The
/// other steps are stored in the transaction that settles the job. After a crash, the next run continues after the last stored
/// step.
/// </summary>
public sealed class AgentRun(
    IServiceProvider services, StepStore store, ToolCalls toolCalls, ModelCalls modelCalls, ApprovalRequests approvals,
    Transcript transcript, JobWakeup wakeup, Redactor redactor, TimeProvider time)
{
    private const string MayHaveBeenMade = " An earlier run of this call was interrupted: the call may have been made.";

    /// <summary>Runs a task to its outcome.</summary>
    /// <exception cref="LeaseLostException">Another run holds the task.</exception>
    public async Task<AgentOutcome> RunAsync(AgentWork work, CancellationToken cancellationToken)
    {
        var steps = new TaskSteps(work.Steps);
        var budget = work.Playbook.Options.Budget;
        using var outOfTime = new CancellationTokenSource(Remaining(budget, steps.All), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(outOfTime.Token, cancellationToken);
        try
        {
            return await EndAsync(work, steps, await RunAsync(work, steps, either.Token), cancellationToken);
        }
        catch (OperationCanceledException) when (outOfTime.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return await EndAsync(work, steps, new AgentOutcome.GaveUp(Spending.OutOfTime(budget)), cancellationToken);
        }
        catch (ModelServerException exception) when (exception.IsFinal)
        {
            return await EndAsync(work, steps, new AgentOutcome.GaveUp(exception.Message), cancellationToken);
        }
    }

    private static TimeSpan Remaining(BudgetOptions budget, IReadOnlyList<TaskStep> steps)
    {
        var remaining = TimeSpan.FromSeconds(budget.Seconds) - Spending.Of(steps).Time;
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }

    // A transcript contains stored steps only. If one is kept, the settlement stores only a request for approval.
    private async Task<AgentOutcome> EndAsync(
        AgentWork work, TaskSteps steps, AgentOutcome outcome, CancellationToken cancellationToken)
    {
        if (transcript.IsKept)
        {
            await StoreAsync(work, steps, cancellationToken);
        }

        return outcome with { Unstored = [.. steps.Unstored, .. outcome.Unstored] };
    }

    private async Task<AgentOutcome> RunAsync(AgentWork work, TaskSteps steps, CancellationToken cancellationToken)
    {
        var shown = EventText.Redacted(work.Event, redactor);
        var prompt = AgentPrompt.OfRedacted(work.Playbook, shown, redactor, UntrustedText.NewBoundary());
        var functions = toolCalls.For(ContextOf(work));
        var client = services.GetRequiredKeyedService<IChatClient>(work.Playbook.Options.Agent);
        var isOutside = client.GetService<RulesChatClient>() is null;
        while (true)
        {
            var move = NextMove.After(steps.All);
            if (move is NextMove.AskModel or NextMove.CallTool && Spending.Of(steps.All)
                .Exceeded(work.Playbook.Options.Budget) is { } exceeded)
            {
                return new AgentOutcome.GaveUp(exceeded);
            }

            switch (move)
            {
                case NextMove.Finish finish:
                    return new AgentOutcome.Completed(new(finish.Text, finish.Facts));
                case NextMove.Conclude conclude:
                    steps.Add(new(steps.All.Count, StepKind.Result, conclude.Text) { Data = TaskStep.ToData(conclude.Facts) });
                    break;
                case NextMove.Begin:
                    steps.Add(new(0, StepKind.Prompt, $"{prompt.System}\n\n{prompt.User}"));
                    break;
                case NextMove.AskModel when isOutside:
                    await StoreAsync(work, steps, cancellationToken);
                    steps.Add(await modelCalls.AskAsync(client, prompt, steps.All, shown, functions, cancellationToken));
                    await StoreAsync(work, steps, cancellationToken);
                    break;
                case NextMove.AskModel:
                    steps.Add(await modelCalls.AskAsync(client, prompt, steps.All, shown, functions, cancellationToken));
                    break;
                case NextMove.CallTool call:
                    await StoreAsync(work, steps, cancellationToken);
                    if (await CallAsync(work, steps, call, functions, cancellationToken) is { } waiting)
                    {
                        return waiting;
                    }

                    break;
            }
        }
    }

    // Returns null when the call has ended with a step, or the outcome when it waits for a person.
    private async Task<AgentOutcome?> CallAsync(
        AgentWork work, TaskSteps steps, NextMove.CallTool move, IReadOnlyList<AIFunction> functions,
        CancellationToken cancellationToken)
    {
        var (call, asked) = move;
        ToolAnswer? answer = null;
        var asks = asked is null && work.Playbook.Options.RequireApproval.Contains(call.Name, StringComparer.Ordinal);
        var mayRepeat = false;
        if (asked is { } position)
        {
            var approval = await approvals.FindAsync(work.Task.Id, position, cancellationToken);
            if (approval.IsPending)
            {
                return new AgentOutcome.Waiting(null, approval.Remaining);
            }

            mayRepeat = approval.IsStarted || approval.MayRepeat;
            if (!approval.Grants(call.Name, call.Arguments!))
            {
                answer = NotGranted(approval);
            }
            else if (approval.IsStarted)
            {
                // The run that started the call was interrupted before it stored the step. A grant is for one call, so another
                // one is needed.
                asks = true;
            }
            else if (!toolCalls.ReturnsEffect(call.Name))
            {
                await StartAsync(work, position, cancellationToken);
            }
        }

        if (asks)
        {
            // A call that can only fail needs no approval.
            answer = await toolCalls.CheckAsync(call, ContextOf(work), functions, cancellationToken);
            if (answer is null)
            {
                var text = mayRepeat ? $"Waits for approval again.{MayHaveBeenMade}" : "Waits for approval.";
                var request = new TaskStep(steps.All.Count, StepKind.Approval, text) { Tool = call.Name, Data = call.Arguments };
                return new AgentOutcome.Waiting(request, work.Playbook.Options.ApprovalExpiry) { Unstored = [request] };
            }
        }

        if (answer is not null && mayRepeat)
        {
            answer = answer with { Text = answer.Text + MayHaveBeenMade };
        }

        await DoAsync(work, steps, call, answer, functions, cancellationToken);
        return null;
    }

    // Marks the call as started and commits that before the call. An effect needs no mark, because it is committed with its step.
    private async Task StartAsync(AgentWork work, int position, CancellationToken cancellationToken)
    {
        if ((await approvals.StartAsync(work.Job, position, cancellationToken)).Count == 0)
        {
            throw new LeaseLostException(work.Task.Id);
        }
    }

    private static ToolContext ContextOf(AgentWork work) => new(work.Task.Id, work.Event, work.Playbook);

    private ToolAnswer NotGranted(ApprovalState approval) => new(
        approval.State switch
        {
            "granted" => "The approval was for other arguments; the call was not made.",
            "refused" =>
                $"A person refused this call{(approval.Reason is { Length: > 0 } reason ? $": {redactor.Redact(reason)}" : ".")}",
            _ => "Nobody approved this call in time; it was not made.",
        },
        Failed: true);

    private async Task DoAsync(
        AgentWork work, TaskSteps steps, ToolCall call, ToolAnswer? given, IReadOnlyList<AIFunction> functions,
        CancellationToken cancellationToken)
    {
        var position = steps.All.Count;
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
            steps.Add(step);
            return;
        }

        var done = await store.AppendAsync(
            work.Job, async (transaction, token) =>
                step with { Content = toolCalls.Text(await effect.Apply(transaction, token)) }, cancellationToken);
        if (effect.Wakes is { } kind)
        {
            wakeup.Notify(kind);
        }

        steps.Add(done);
        steps.Stored();
        await transcript.WriteAsync(work, done);
    }

    private async Task StoreAsync(AgentWork work, TaskSteps steps, CancellationToken cancellationToken)
    {
        var unstored = steps.Unstored;
        if (unstored.Count == 0)
        {
            return;
        }

        await store.AppendAsync(work.Job, unstored, cancellationToken);
        steps.Stored();
        foreach (var step in unstored)
        {
            await transcript.WriteAsync(work, step);
        }
    }
}
