using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>The name of the agent whose session this is.</summary>
internal sealed record AgentName(string Value);

/// <summary>
/// Claims and finds the tasks of external agents. A task that is not available is refused with an explanation.
/// </summary>
internal sealed class ExternalTasks(
    NpgsqlDataSource database, JobQueue queue, PlaybookCatalog playbooks, AgentName agent, IOptionsMonitor<JobOptions> options,
    IServiceScopeFactory scopes, OperatorEvents operators, TimeProvider time)
{
    // Several candidates are tried, because another agent may claim one first.
    private const int Candidates = 10;

    // The update requires the lease: a slow agent must not set its name on a task that another agent has claimed meanwhile.
    private const string NameSql = """
        update webhooks.agent_tasks task set agent = $2
        from webhooks.jobs job where task.id = $1 and job.ref_id = task.id and job.lease_token = $3
        """;

    private const string LeaseSql = "select lease_until from webhooks.jobs where ref_id = $1 and lease_token = $2";

    /// <summary>Returns the retry schedule of a failed task, which is the same as for the Worker's own tasks.</summary>
    public RetrySchedule ScheduleOf(LeasedJob job) =>
        options.Get(nameof(JobKind.Task)).ScheduleOf(job.Lane) ?? RetrySchedule.Default;

    /// <param name="taskId">The id of the task; null for the one that has waited longest, of a playbook that is configured
    /// here.</param>
    /// <exception cref="ToolException">There is no such task, or it cannot be claimed.</exception>
    public async Task<LeasedJob> ClaimAsync(Guid? taskId, TimeSpan lease, CancellationToken cancellationToken)
    {
        foreach (var id in taskId is { } wanted ? [wanted] : await DueAsync(cancellationToken))
        {
            if (await queue.ClaimAsync(JobKind.External, id, lease, cancellationToken) is not { } job)
            {
                continue;
            }

            // An agent that disappears after each claim would repeat a task for ever. The queue's limit for jobs that crash
            // their process applies here too.
            if (ScheduleOf(job).AtStart(job.Attempt) is { } givenUp)
            {
                await TrySettleAsync(job, givenUp, cancellationToken);
                continue;
            }

            await SetAgentAsync(job, cancellationToken);
            return job;
        }

        throw new ToolException(taskId is { } refused
            ? await WhyNotAsync(refused, cancellationToken)
            : "No task waits to be claimed. Ask again later.");
    }

    /// <exception cref="ToolException">The caller does not hold the lease, or it has expired.</exception>
    public async Task<LeasedJob> HeldAsync(Guid taskId, Guid leaseToken, CancellationToken cancellationToken) =>
        await queue.FindHeldAsync(JobKind.External, taskId, leaseToken, cancellationToken)
        ?? throw await NotHeldAsync(taskId, cancellationToken);

    /// <summary>Ends the lease with an outcome.</summary>
    /// <exception cref="ToolException">The lease was lost; nothing was written.</exception>
    public async Task SettleAsync(LeasedJob job, JobOutcome outcome, CancellationToken cancellationToken)
    {
        if (!await TrySettleAsync(job, outcome, cancellationToken))
        {
            throw await NotHeldAsync(job.RefId, cancellationToken);
        }
    }

    private Task<bool> TrySettleAsync(LeasedJob job, JobOutcome outcome, CancellationToken cancellationToken) =>
        queue.SettleAsync(JobKind.External, job, operators.Tell(JobKind.External, job, outcome), cancellationToken);

    /// <summary>Returns the end of a lease, by the database's clock.</summary>
    public async Task<DateTimeOffset> LeaseUntilAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(LeaseSql);
        command.Parameters.Add(new() { Value = job.RefId });
        command.Parameters.Add(new() { Value = job.LeaseToken });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? reader.GetFieldValue<DateTimeOffset>(0)
            : throw await NotHeldAsync(job.RefId, cancellationToken);
    }

    private async Task<IReadOnlyList<Guid>> DueAsync(CancellationToken cancellationToken) => await database.IdsAsync(
        command =>
        {
            var due = new TaskSelection { IsClaimable = true }.Sql(command);
            string[] external = [.. playbooks.All.Where(playbook => playbook.IsExternal).Select(playbook => playbook.Name)];
            command.Parameters.Add(new() { Value = external });
            return $"{due} and t.playbook = any(${command.Parameters.Count}) order by j.due_at limit {Candidates}";
        },
        cancellationToken);

    private async Task SetAgentAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(NameSql);
        command.Parameters.Add(new() { Value = job.RefId });
        command.Parameters.Add(new() { Value = agent.Value });
        command.Parameters.Add(new() { Value = job.LeaseToken });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Says why a task is not held.</summary>
    public async Task<ToolException> NotHeldAsync(Guid taskId, CancellationToken cancellationToken) =>
        new($"You do not hold the task. {await WhyNotAsync(taskId, cancellationToken)}");

    private async Task<string> WhyNotAsync(Guid taskId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<WebhooksDb>();
        var job = await db.Jobs.AsNoTracking().FirstOrDefaultAsync(
            j => j.RefId == taskId && (j.Kind == "task" || j.Kind == "external"), cancellationToken);
        return job switch
        {
            null when await db.AgentTasks.AnyAsync(task => task.Id == taskId, cancellationToken) =>
                $"Task {taskId} is {TaskStates.OfJob(JobStates.Done)} and cannot be changed any more.",
            null => $"There is no task {taskId}.",
            { Kind: "task" } => $"Task {taskId} is for an agent of the Worker's own, not for one outside.",
            { State: "running" } when job.LeaseUntil < time.GetUtcNow() =>
                $"Task {taskId} is free: its lease expired at {job.LeaseUntil:u}. Claim it again.",
            { State: "running" } => $"Task {taskId} is held by another agent until {job.LeaseUntil:u}.",
            { State: "waiting" } => $"Task {taskId} waits for a person's approval until {job.DueAt:u}.",
            { State: "pending" } => $"Nobody holds task {taskId}; it can be claimed from {job.DueAt:u}.",
            _ => $"Task {taskId} is {TaskStates.OfJob(job.State)} and cannot be changed any more.",
        };
    }
}
