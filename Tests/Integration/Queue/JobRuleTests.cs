using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

/// <summary>What the database itself refuses, whatever the code says.</summary>
public sealed class JobRuleTests(TestStack stack)
{
    private const string Lease = "lease_token = gen_random_uuid(), lease_until = now()";

    [Fact]
    public async Task Impossible_states_of_a_job_are_refused()
    {
        string[] impossible =
        [
            "state = 'running'",
            "state = 'running', lease_token = gen_random_uuid()",
            "state = 'running', lease_until = now()",
            $"state = 'running', {Lease}, finished_at = now()",
            Lease,
            "lease_token = gen_random_uuid()",
            "lease_until = now()",
            "finished_at = now()",
            "state = 'done'",
            "state = 'ignored'",
            "state = 'buried'",
            $"state = 'done', finished_at = now(), {Lease}",
            "state = 'done', finished_at = now(), lease_token = gen_random_uuid()",
            "state = 'done', finished_at = now(), lease_until = now()",
            "state = 'cancelled'",
            "state = 'waiting'",
            $"kind = 'task', state = 'waiting', {Lease}",
            "kind = 'external', state = 'waiting', finished_at = now()",
            "kind = 'delivery', state = 'waiting'",
            "state = 'asleep'",
            "kind = 'chore'",
            "attempt = -1",
        ];
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);

        var accepted = new List<string>();
        foreach (var update in impossible)
        {
            if (await IsAcceptedAsync(jobs, $"update webhooks.jobs set {update}"))
            {
                accepted.Add(update);
            }
        }

        Assert.Empty(accepted);
    }

    [Fact]
    public async Task Possible_states_of_a_job_are_accepted()
    {
        string[] possible =
        [
            "state = 'pending'",
            $"state = 'running', {Lease}",
            "state = 'done', finished_at = now()",
            "state = 'ignored', finished_at = now()",
            "state = 'buried', finished_at = now()",
            "state = 'cancelled', finished_at = now()",
            "kind = 'task', state = 'waiting'",
            "kind = 'external', state = 'waiting'",
        ];
        await using var jobs = await JobsDatabase.CreateAsync(stack);

        foreach (var state in possible)
        {
            await jobs.EnqueueAsync(1);
            Assert.True(
                await IsAcceptedAsync(jobs, $"update webhooks.jobs set {state} where id = (select max(id) from webhooks.jobs)"),
                state);
        }
    }

    [Fact]
    public async Task Impossible_events_are_refused()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        Assert.True(await IsAcceptedAsync(jobs, Insert("github", "id-1", "push")));

        Assert.False(await IsAcceptedAsync(jobs, Insert("github", "id-1", "other")));
        Assert.False(await IsAcceptedAsync(jobs, Insert("github", "", "push")));
        Assert.False(await IsAcceptedAsync(jobs, Insert("github", "id-2", "")));
        Assert.False(await IsAcceptedAsync(jobs, Insert("github", new string('x', 256), "push")));
        Assert.True(await IsAcceptedAsync(jobs, Insert("standard", "id-1", "push")));
    }

    private static string Insert(string source, string deliveryId, string type) =>
        $"""
        insert into webhooks.inbound_events (id, source, delivery_id, event_type, received_at, headers, content_type, body)
        values (gen_random_uuid(), '{source}', '{deliveryId}', '{type}', now(), '{"{}"}', 'application/json', '')
        """;

    private static async Task<bool> IsAcceptedAsync(JobsDatabase jobs, string sql)
    {
        try
        {
            await jobs.ExecuteAsync(sql);
            return true;
        }
        catch (PostgresException exception) when (
            exception.SqlState is PostgresErrorCodes.CheckViolation or PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }
}
