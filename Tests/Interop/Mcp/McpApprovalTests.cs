using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Interop.Mcp;

public sealed class McpApprovalTests(TestStack stack, OutsideAgent outside) : IClassFixture<OutsideAgent>
{
    [Theory]
    [InlineData("grant", "granted")]
    [InlineData("refuse", "refused")]
    public async Task A_task_waits_for_the_decision_and_the_next_claim_shows_it(string verb, string state)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        await using var worker = await Services.WorkerAsync(outside.Database, await stack.RedisAsync());
        using var approver = worker.NewClient().With(OperatorToken.Approve);
        var (task, token) = await outside.ClaimedAsync();

        var asked = await RequestAsync(task, token);
        Assert.Equal("awaiting_approval", OutsideAgent.Text(asked, "state"));
        Assert.Contains(
            "waits for a person's approval", await outside.Session.RefusedAsync("claim_task", new { task_id = task }),
            StringComparison.Ordinal);
        Assert.Contains(
            "waits for a person's approval",
            await outside.Session.RefusedAsync(
                "complete_task", new { task_id = task, lease_token = token, summary = "Not waiting." }),
                    StringComparison.Ordinal);

        var shown = (await approver.OkAsync("/approvals?state=pending")).GetProperty("data").EnumerateArray()
            .Single(a => a.GetProperty("task_id").GetGuid() == task);
        Assert.Equal(("delete_branch", """{"branch":"main","force":true}"""), (OutsideAgent.Text(shown, "tool"), OutsideAgent.Text(shown, "arguments")));
        Assert.Equal(OutsideAgent.Text(asked, "arguments_sha256"), OutsideAgent.Text(shown, "arguments_sha256"));
        var (status, _) = await approver.CallAsync(
            $"/approvals/{OutsideAgent.Text(shown, "id")}/{verb}",
            new { arguments_sha256 = OutsideAgent.Text(shown, "arguments_sha256"), reason = "I looked." });
        Assert.Equal(HttpStatusCode.OK, status);

        var again = await outside.Session.OkAsync("claim_task", new { task_id = task });
        var decided = Assert.Single(again.GetProperty("approvals").EnumerateArray());
        Assert.Equal(
            (state, "I looked.", "operator-7"),
            (OutsideAgent.Text(decided, "state"), OutsideAgent.Text(decided, "reason"),
            OutsideAgent.Text(decided, "decided_by")));
        Assert.Equal(1, again.GetProperty("attempt").GetInt32());
        await outside.Session.OkAsync(
            "complete_task", new { task_id = task, lease_token = OutsideAgent.Text(again, "lease_token"), summary = "Done." });
        var steps = (await outside.Session.OkAsync("read_task", new { task_id = task })).GetProperty("task").GetProperty("steps")
            .EnumerateArray().ToList();
        Assert.Equal(
            ["prompt", "approval", "result"], steps.Select(step => OutsideAgent.Text(step, "kind")), StringComparer.Ordinal);
        Assert.Equal("The branch is merged.", OutsideAgent.Text(steps[1], "content"));
    }

    [Fact]
    public async Task A_question_that_nobody_answered_in_time_has_expired_when_the_task_is_claimed_again()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var (task, token) = await outside.ClaimedAsync();
        await RequestAsync(task, token);
        Assert.True(
            await Sql.ScalarAsync<bool>(
                outside.Database,
                $"select due_at = expires_at from webhooks.approvals a join webhooks.jobs j on j.ref_id = a.task_id where "
                + $"task_id = '{task}'"),
            "the task waits exactly as long as the question stands");
        await Sql.ExecuteAsync(outside.Database, $"update webhooks.approvals set expires_at = now() where task_id = '{task}'");
        await outside.MakeDueAsync(task);

        var again = await outside.Session.OkAsync("claim_task", new { task_id = task });

        Assert.Equal("expired", OutsideAgent.Text(Assert.Single(again.GetProperty("approvals").EnumerateArray()), "state"));
        Assert.Equal(
            "expired",
            await Sql.ScalarAsync<string>(outside.Database, $"select state from webhooks.approvals where task_id = '{task}'"));
    }

    [Fact]
    public async Task A_grant_is_shown_to_one_lease_and_to_the_next_as_used()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var (task, token) = await outside.ClaimedAsync();
        await RequestAsync(task, token);
        await GrantAsync(task);

        var first = await outside.Session.OkAsync("claim_task", new { task_id = task });
        Assert.Equal(["granted"], States(first), StringComparer.Ordinal);
        await outside.RunOutAsync(task);
        var second = await outside.Session.OkAsync("claim_task", new { task_id = task });
        Assert.Equal(["used"], States(second), StringComparer.Ordinal);

        await RequestAsync(task, OutsideAgent.Text(second, "lease_token")!);
        Assert.True(await Sql.ScalarAsync<bool>(
            outside.Database, $"select may_repeat from webhooks.approvals where task_id = '{task}' and state = 'pending'"));
        await GrantAsync(task);
        Assert.Equal(
            ["used", "granted"], States(await outside.Session.OkAsync("claim_task", new { task_id = task })),
            StringComparer.Ordinal);

        static IEnumerable<string?> States(System.Text.Json.JsonElement claimed) =>
            claimed.GetProperty("approvals").EnumerateArray().Select(approval => OutsideAgent.Text(approval, "state"));
    }

    private async Task GrantAsync(Guid task)
    {
        await Sql.ExecuteAsync(
            outside.Database,
            $"""
            update webhooks.approvals set state = 'granted', decided_at = now(), decided_by = 'x'
            where task_id = '{task}' and state = 'pending'
            """);
        await outside.MakeDueAsync(task);
    }

    private async Task<System.Text.Json.JsonElement> RequestAsync(Guid task, string token) =>
        await outside.Session.OkAsync("request_approval", new
    {
        task_id = task, lease_token = token, action = "delete_branch", arguments = new { branch = "main", force = true },
        explanation = "The branch is merged.",
    });
}
