using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>Claims and finds tasks of agents outside. A task that cannot be had is refused in words.</summary>
internal sealed class ExternalTasks(
    NpgsqlDataSource database, JobQueue queue, PlaybookCatalog playbooks, AgentName agent, IOptionsMonitor<JobOptions> options,
    IServiceScopeFactory scopes, TimeProvider time)
{
    // Several, since another agent may be faster.
    private const int Candidates = 10;

    // While the lease is held: an agent that was slow must not put its name on what is another's by now.
    private const string NameSql = """
        update webhooks.agent_tasks task set agent = $2
        from webhooks.jobs job where task.id = $1 and job.ref_id = task.id and job.lease_token = $3
        """;

    private const string LeaseSql = "select lease_until from webhooks.jobs where ref_id = $1 and lease_token = $2";

    /// <summary>When a task that failed is tried again, and how often: as if the Worker had run it.</summary>
    public RetrySchedule ScheduleOf(LeasedJob job) => options.Get(nameof(JobKind.Task)).ScheduleOf(job.Lane) ?? RetrySchedule.Default;

    /// <param name="taskId">Null for the task that waits longest, of a playbook that is configured here.</param>
    /// <exception cref="ToolException">There is none, or it cannot be claimed.</exception>
    public async Task<LeasedJob> ClaimAsync(Guid? taskId, TimeSpan lease, CancellationToken cancellationToken)
    {
        foreach (var id in taskId is { } wanted ? [wanted] : await DueAsync(cancellationToken))
        {
            if (await queue.ClaimAsync(JobKind.External, id, lease, cancellationToken) is not { } job)
            {
                continue;
            }

            // An agent that vanishes with each claim would go on for ever: the queue's rule for jobs that take their process down.
            if (ScheduleOf(job).AtStart(job.Attempt) is { } givenUp)
            {
                await queue.SettleAsync(JobKind.External, job, givenUp, cancellationToken);
                continue;
            }

            await SetAgentAsync(job, cancellationToken);
            return job;
        }

        throw new ToolException(taskId is { } refused
            ? await WhyNotAsync(refused, cancellationToken)
            : "No task waits to be claimed. Ask again later.");
    }

    /// <exception cref="ToolException">The lease is not theirs, or has run out.</exception>
    public async Task<LeasedJob> HeldAsync(Guid taskId, Guid leaseToken, CancellationToken cancellationToken) =>
        await queue.FindHeldAsync(JobKind.External, taskId, leaseToken, cancellationToken)
        ?? throw await NotHeldAsync(taskId, cancellationToken);

    /// <summary>Ends the lease with an outcome.</summary>
    /// <exception cref="ToolException">The lease was lost; nothing was written.</exception>
    public async Task SettleAsync(LeasedJob job, JobOutcome outcome, CancellationToken cancellationToken)
    {
        if (!await queue.SettleAsync(JobKind.External, job, outcome, cancellationToken))
        {
            throw await NotHeldAsync(job.RefId, cancellationToken);
        }
    }

    /// <summary>Until when a lease lasts, by the database's clock.</summary>
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
            command.Parameters.Add(new() { Value = playbooks.All.Where(playbook => playbook.IsExternal).Select(playbook => playbook.Name).ToArray() });
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
            null => $"There is no task {taskId}.",
            { Kind: "task" } => $"Task {taskId} is for an agent of the Worker's own, not for one outside.",
            { State: "running" } when job.LeaseUntil < time.GetUtcNow() => $"Task {taskId} is free: its lease ran out at {job.LeaseUntil:u}. Claim it again.",
            { State: "running" } => $"Task {taskId} is held by another agent until {job.LeaseUntil:u}.",
            { State: "waiting" } => $"Task {taskId} waits for a person's approval until {job.DueAt:u}.",
            { State: "pending" } => $"Nobody holds task {taskId}; it can be claimed from {job.DueAt:u}.",
            _ => $"Task {taskId} is {TaskStates.OfJob(job.State)} and cannot be changed any more.",
        };
    }
}
