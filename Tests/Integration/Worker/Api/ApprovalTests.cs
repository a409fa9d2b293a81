using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker.Api;

public sealed class ApprovalTests(TestStack stack, SharedWorker worker) : IClassFixture<SharedWorker>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    [Fact]
    public async Task What_an_agent_asks_for_is_shown_with_its_arguments_and_their_hash()
    {
        var asked = await ApprovalRows.AddAsync(worker.Database);

        var shown = await worker.Approver.OkAsync($"/approvals/{asked.Id}");

        Assert.Equal(
            [
                "id", "task_id", "position", "tool", "arguments", "arguments_sha256", "state", "requested_at", "expires_at",
                "decided_at", "decided_by", "reason", "started_at", "may_repeat",
            ],
            shown.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
        Assert.Equal(asked.TaskId, shown.GetProperty("task_id").GetGuid());
        Assert.Equal(
            ("delete_branch", ApprovalRows.Arguments, asked.Hash, "pending", null),
            (shown.GetProperty("tool").GetString(), shown.GetProperty("arguments").GetString(),
                shown.GetProperty("arguments_sha256").GetString(),
                shown.GetProperty("state").GetString(), shown.GetProperty("decided_by").GetString()));
        Assert.Contains(
            asked.Id.ToString(), (await worker.Approver.OkAsync("/approvals?state=pending&limit=200")).Values("id"),
            StringComparer.Ordinal);
        Assert.Equal(
            "awaiting_approval", (await worker.Reader.OkAsync($"/tasks/{asked.TaskId}")).GetProperty("state").GetString());
    }

    // A zero-width space, an override of the direction, a tag, a variation selector, half of a surrogate pair is no text anyway.
    [Fact]
    public async Task What_a_person_would_not_see_is_spelt_out_and_the_decision_is_for_the_call_as_it_is()
    {
        const string Hidden = "a\u200bb\u202egnp.exe\U000E0041\ufe01";
        const string Spelt = "a<U+200B>b<U+202E>gnp.exe<U+E0041><U+FE01>";
        var asked = await ApprovalRows.AddAsync(
            worker.Database, arguments: $$"""{"{{Hidden}}":["{{Hidden}}","\u202e"]}""", content: Hidden);

        var shown = await worker.Approver.OkAsync($"/approvals/{asked.Id}");
        var task = await worker.Reader.OkAsync($"/tasks/{asked.TaskId}");

        Assert.Equal($$"""{"{{Spelt}}":["{{Spelt}}","\u202e"]}""", shown.GetProperty("arguments").GetString());
        var step = task.GetProperty("steps")[0];
        Assert.Equal(Spelt, step.GetProperty("content").GetString());
        Assert.Equal(
            [Spelt, "<U+202E>"], step.GetProperty("data").GetProperty(Spelt).EnumerateArray().Select(item => item.GetString()),
            StringComparer.Ordinal);
        Assert.Equal(
            shown.GetProperty("arguments").GetString(), task.GetProperty("approvals")[0].GetProperty("arguments").GetString());
        var (status, granted) = await worker.Approver.CallAsync(
            $"/approvals/{asked.Id}/grant", new { arguments_sha256 = asked.Hash, reason = Hidden });
        Assert.Equal((HttpStatusCode.OK, Spelt), (status, granted.GetProperty("reason").GetString()));
    }

    [Theory]
    [InlineData("grant", "granted", null)]
    [InlineData("grant", "granted", "Looks right.")]
    [InlineData("refuse", "refused", "Not on a Friday.")]
    public async Task A_decision_is_kept_with_who_decided_and_why_and_makes_the_task_due(
        string verb, string state, string? reason)
    {
        var asked = await ApprovalRows.AddAsync(worker.Database);

        var (status, shown) = await worker.Approver.CallAsync(
            $"/approvals/{asked.Id}/{verb}", new { arguments_sha256 = asked.Hash, reason });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            (state, "operator-7", reason),
            (shown.GetProperty("state").GetString(), shown.GetProperty("decided_by").GetString(),
                shown.GetProperty("reason").GetString()));
        Assert.Equal("pending", (await Tables.JobAsync(worker.Database, asked.TaskId)).State);
        Assert.True(
            await Sql.ScalarAsync<bool>(
                worker.Database, $"select due_at <= now() from webhooks.jobs where ref_id = '{asked.TaskId}'"));
        var task = await worker.Reader.OkAsync($"/tasks/{asked.TaskId}");
        Assert.Equal(state, Assert.Single(task.GetProperty("approvals").EnumerateArray()).GetProperty("state").GetString());
        Assert.Contains(
            asked.Id.ToString(), (await worker.Approver.OkAsync($"/approvals?state={state}&limit=200")).Values("id"),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_decision_for_other_arguments_is_refused_and_changes_nothing()
    {
        var asked = await ApprovalRows.AddAsync(worker.Database);

        var (status, problem) = await worker.Approver.CallAsync(
            $"/approvals/{asked.Id}/grant", new { arguments_sha256 = new string('0', 64) });

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("arguments_sha256", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await AssertUndecidedAsync(asked);
    }

    [Theory]
    [InlineData("1 hour", "granted", "state = 'waiting'", "decided already")]
    [InlineData("1 hour", "refused", "state = 'waiting'", "decided already")]
    [InlineData("1 hour", "expired", "state = 'waiting'", "expired")]
    [InlineData("-1 second", "pending", "state = 'waiting'", "expired")]
    [InlineData("1 hour", "pending", "state = 'pending'", "does not wait")]
    [InlineData("1 hour", "pending", "state = 'buried', finished_at = now()", "does not wait")]
    [InlineData(
        "1 hour", "pending", "state = 'running', lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'",
        "does not wait")]
    public async Task What_cannot_be_decided_any_more_is_answered_409_and_stays_what_it_is(
        string expiresIn, string state, string job, string detail)
    {
        var asked = await ApprovalRows.AddAsync(worker.Database, expiresIn, state, job);
        var before = await Tables.JobAsync(worker.Database, asked.TaskId);

        foreach (var verb in new[] { "grant", "refuse" })
        {
            var (status, problem) = await worker.Approver.CallAsync(
                $"/approvals/{asked.Id}/{verb}", new { arguments_sha256 = asked.Hash, reason = "why" });

            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        var after = await Tables.JobAsync(worker.Database, asked.TaskId);
        Assert.Equal((before.State, before.DueAt), (after.State, after.DueAt));
        Assert.Equal(
            state, await Sql.ScalarAsync<string>(
                worker.Database, $"select state from webhooks.approvals where id = '{asked.Id}'"));
    }

    [Fact]
    public async Task Of_two_operators_who_decide_at_once_one_decides_and_one_is_told_so()
    {
        for (var round = 0; round < 20; round++)
        {
            var asked = await ApprovalRows.AddAsync(worker.Database);

            var answers = await Task.WhenAll(
                worker.Approver.CallAsync($"/approvals/{asked.Id}/grant", new { arguments_sha256 = asked.Hash }),
                worker.Approver.CallAsync(
                    $"/approvals/{asked.Id}/refuse", new { arguments_sha256 = asked.Hash, reason = "No." }));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(answer => answer.Status).Order());
            var winner = answers.Single(answer => answer.Status == HttpStatusCode.OK).Body.GetProperty("state").GetString();
            Assert.Equal(winner, (await worker.Approver.OkAsync($"/approvals/{asked.Id}")).GetProperty("state").GetString());
        }
    }

    [Fact]
    public async Task What_nobody_decided_in_time_is_shown_as_expired_and_not_as_pending()
    {
        var late = await ApprovalRows.AddAsync(worker.Database, expiresIn: "-1 second");
        var noticed = await ApprovalRows.AddAsync(worker.Database, expiresIn: "-1 second", state: "expired");

        var expired = (await worker.Approver.OkAsync("/approvals?state=expired&limit=200")).Values("id");
        var pending = (await worker.Approver.OkAsync("/approvals?state=pending&limit=200")).Values("id");

        Assert.Contains(late.Id.ToString(), expired, StringComparer.Ordinal);
        Assert.Contains(noticed.Id.ToString(), expired, StringComparer.Ordinal);
        Assert.DoesNotContain(late.Id.ToString(), pending, StringComparer.Ordinal);
        Assert.Equal("expired", (await worker.Approver.OkAsync($"/approvals/{late.Id}")).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("grant", "{}", "arguments_sha256")]
    [InlineData("grant", """{"arguments_sha256":"abc"}""", "arguments_sha256")]
    [InlineData("grant", """{"arguments_sha256":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"}""", "arguments_sha256")]
    [InlineData("grant", """{"arguments_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","reason":""}""", "reason")]
    [InlineData("refuse", """{"arguments_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}""", "reason")]
    [InlineData("refuse", """{"arguments_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","reason":" "}""", "reason")]
    public async Task A_decision_that_says_too_little_is_refused_under_the_fields_name(string verb, string body, string field)
    {
        using var answer = await worker.Approver.PostAsync(
            $"/approvals/{None}/{verb}", new StringContent(body, null, "application/json"),
            TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = System.Text.Json.JsonElement.Parse(
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal([field], problem.Fields(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task An_approval_that_is_not_there_is_answered_404()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await worker.Approver.CallAsync($"/approvals/{None}")).Status);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await worker.Approver.CallAsync($"/approvals/{None}/grant", new { arguments_sha256 = new string('0', 64) })).Status);
    }

    [Fact]
    public async Task A_credential_in_a_reason_is_not_stored()
    {
        var asked = await ApprovalRows.AddAsync(worker.Database);

        var (_, shown) = await worker.Approver.CallAsync(
            $"/approvals/{asked.Id}/refuse",
            new { arguments_sha256 = asked.Hash, reason = "It would send ghp_0123456789abcdefghijklmnop." });

        Assert.Equal("It would send ***redacted***.", shown.GetProperty("reason").GetString());
        Assert.Equal(0, await Sql.CountAsync(worker.Database, "webhooks.approvals where reason like '%ghp_%'"));
    }

    [Fact]
    public async Task Approvals_are_listed_newest_first_page_by_page()
    {
        var database = await stack.NewDatabaseAsync();
        await using var other = await Stack.Services.WorkerAsync(database, await stack.RedisAsync());
        using var approver = other.NewClient().With(OperatorToken.Approve);
        var ids = new List<string>();
        for (var number = 0; number < 5; number++)
        {
            ids.Insert(0, (await ApprovalRows.AddAsync(database, state: number == 2 ? "granted" : "pending")).Id.ToString());
        }

        var first = await approver.OkAsync("/approvals?limit=3");
        var second = await approver.OkAsync($"/approvals?limit=3&cursor={first.Cursor()}");

        Assert.Equal(ids, [.. first.Values("id"), .. second.Values("id")], StringComparer.Ordinal);
        Assert.Null(second.Cursor());
        Assert.Equal(
            ids.Where((_, at) => at != 2), (await approver.OkAsync("/approvals?state=pending")).Values("id"),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_task_waits_through_a_restart_and_is_decided_after_it()
    {
        var database = await stack.NewDatabaseAsync();
        AskedApproval asked;
        await using (await Stack.Services.WorkerAsync(database, await stack.RedisAsync()))
        {
            asked = await ApprovalRows.AddAsync(database);
        }

        await using var restarted = await Stack.Services.WorkerAsync(database, await stack.RedisAsync());
        using var approver = restarted.NewClient().With(OperatorToken.Approve);
        Assert.Equal(
            [asked.Id.ToString()], (await approver.OkAsync("/approvals?state=pending")).Values("id"), StringComparer.Ordinal);

        Assert.Equal(
            HttpStatusCode.OK,
            (await approver.CallAsync($"/approvals/{asked.Id}/grant", new { arguments_sha256 = asked.Hash })).Status);

        Assert.Equal("pending", (await Tables.JobAsync(database, asked.TaskId)).State);
    }

    private async Task AssertUndecidedAsync(AskedApproval asked)
    {
        Assert.Equal("waiting", (await Tables.JobAsync(worker.Database, asked.TaskId)).State);
        Assert.Equal(
            "pending",
            await Sql.ScalarAsync<string>(worker.Database, $"select state from webhooks.approvals where id = '{asked.Id}'"));
    }
}
