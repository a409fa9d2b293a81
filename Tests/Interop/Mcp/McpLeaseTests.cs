using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Interop.Mcp;

public sealed class McpLeaseTests(OutsideAgent outside) : IClassFixture<OutsideAgent>
{
    [Fact]
    public async Task A_second_claimer_is_refused_and_told_until_when()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var (task, token) = await outside.ClaimedAsync();
        var another = await outside.AnotherAsync();

        Assert.Contains(
            "held by another agent until", await another.RefusedAsync("claim_task", new { task_id = task }),
            StringComparison.Ordinal);
        Assert.Contains(
            "You do not hold the task.",
            await another.RefusedAsync(
                "complete_task", new { task_id = task, lease_token = Guid.CreateVersion7(), summary = "Mine." }),
                    StringComparison.Ordinal);
        await outside.Session.OkAsync("complete_task", new { task_id = task, lease_token = token, summary = "Done." });
    }

    [Theory]
    [InlineData("complete_task")]
    [InlineData("fail_task")]
    [InlineData("heartbeat_task")]
    [InlineData("request_approval")]
    public async Task A_lease_that_has_run_out_writes_nothing_whether_or_not_another_has_it(string tool)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var (task, token) = await outside.ClaimedAsync();
        await outside.RunOutAsync(task);
        var stale = Arguments(tool, task, token);

        Assert.Contains("its lease expired at", await outside.Session.RefusedAsync(tool, stale), StringComparison.Ordinal);

        var another = await outside.AnotherAsync();
        var second = await another.OkAsync("claim_task", new { task_id = task });
        Assert.Equal(2, second.GetProperty("attempt").GetInt32());
        Assert.Contains("held by another agent until", await outside.Session.RefusedAsync(tool, stale), StringComparison.Ordinal);
        await another.OkAsync(
            "complete_task",
            new { task_id = task, lease_token = OutsideAgent.Text(second, "lease_token"), summary = "The second." });

        Assert.Contains("is completed", await outside.Session.RefusedAsync(tool, stale), StringComparison.Ordinal);
        Assert.Equal(
            """{"summary":"The second.","facts":{}}""",
            await Sql.ScalarAsync<string>(outside.Database, $"select result from webhooks.agent_tasks where id = '{task}'"));
        Assert.Equal(1, await Sql.CountAsync(outside.Database, $"webhooks.messages where task_id = '{task}'"));
        Assert.Equal(2, await Sql.CountAsync(outside.Database, $"webhooks.agent_steps where task_id = '{task}'"));
        Assert.Equal(0, await Sql.CountAsync(outside.Database, $"webhooks.approvals where task_id = '{task}'"));
    }

    [Fact]
    public async Task A_task_that_failed_is_tried_again_by_the_schedule_and_then_kept_for_a_person()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var task = await outside.AddTaskAsync();
        var waits = new List<double>();
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            var claimed = await outside.Session.OkAsync("claim_task", new { task_id = task });
            Assert.Equal(attempt, claimed.GetProperty("attempt").GetInt32());
            var failed = await outside.Session.OkAsync(
                "fail_task",
                new { task_id = task, lease_token = OutsideAgent.Text(claimed, "lease_token"),
                error = "The service said 503 to ghp_0123456789abcdefghijklmnop." });
            if (failed.TryGetProperty("retry_in_seconds", out var wait))
            {
                waits.Add(wait.GetDouble());
                Assert.Contains(
                    "can be claimed from", await outside.Session.RefusedAsync("claim_task", new { task_id = task }),
                    StringComparison.Ordinal);
                await outside.MakeDueAsync(task);
            }
        }

        Assert.Equal([1, 10, 60], waits);
        var job = await Tables.JobAsync(outside.Database, task);
        Assert.Equal(("buried", "The service said 503 to ***redacted***."), (job.State, job.LastError));
        Assert.Contains(
            "is buried", await outside.Session.RefusedAsync("claim_task", new { task_id = task }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_with_retries_of_its_own_has_them_here_too()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var task = await outside.AddTaskAsync(source: "slow");
        await FailAsync();
        Assert.True(
            await Sql.ScalarAsync<bool>(
                outside.Database, $"select due_at > now() + interval '4 minutes' from webhooks.jobs where ref_id = '{task}'"));
        await outside.MakeDueAsync(task);

        await FailAsync();

        Assert.Equal("buried", await outside.StateAsync(task));

        async Task FailAsync()
        {
            var token = OutsideAgent.Text(await outside.Session.OkAsync("claim_task", new { task_id = task }), "lease_token");
            await outside.Session.OkAsync("fail_task", new { task_id = task, lease_token = token, error = "Not yet." });
        }
    }

    [Fact]
    public async Task A_task_that_cannot_succeed_is_kept_for_a_person_at_once()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var (task, token) = await outside.ClaimedAsync();

        await outside.Session.OkAsync(
            "fail_task", new { task_id = task, lease_token = token, error = "There is no such repository.", retryable = false });

        Assert.Equal("buried", await outside.StateAsync(task));
        Assert.Equal(1, await ToldAsync(task));
    }

    [Fact]
    public async Task A_task_that_agents_took_and_never_ended_is_given_up()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var task = await outside.AddTaskAsync(job: "attempt = 8");

        await outside.Session.RefusedAsync("claim_task", new { task_id = task });

        var job = await Tables.JobAsync(outside.Database, task);
        Assert.Equal(("buried", "Given up after 8 starts, the last of which never ended."), (job.State, job.LastError));
        Assert.Equal(1, await ToldAsync(task));
    }

    [Fact]
    public async Task What_is_not_for_agents_outside_cannot_be_claimed()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var own = await Tables.AddTaskAsync(outside.Database, "{}");
        var unknown = await Tables.AddTaskAsync(outside.Database, "{}", "unknown-here", "external");

        Assert.Contains(
            "of the Worker's own", await outside.Session.RefusedAsync("claim_task", new { task_id = own }),
            StringComparison.Ordinal);
        Assert.Contains(
            "There is no task", await outside.Session.RefusedAsync("claim_task", new { task_id = Guid.Empty }),
            StringComparison.Ordinal);
        Assert.Contains(
            "not configured here", await outside.Session.RefusedAsync("claim_task", new { task_id = unknown }),
            StringComparison.Ordinal);
        var job = await Tables.JobAsync(outside.Database, unknown);
        Assert.Equal(("pending", 0), (job.State, job.Attempt));
    }

    private static object Arguments(string tool, Guid task, string token) => tool switch
    {
        "complete_task" => new { task_id = task, lease_token = token, summary = "Stale." },
        "fail_task" => new { task_id = task, lease_token = token, error = "Stale." },
        "heartbeat_task" => new { task_id = task, lease_token = token },
        _ => new { task_id = task, lease_token = token, action = "stale", arguments = new { stale = true } },
    };

    private Task<long> ToldAsync(Guid task) => Sql.CountAsync(
        outside.Database,
        $"webhooks.messages where event_type = 'task.buried' and convert_from(payload, 'UTF8') like '%{task}%'");
}
