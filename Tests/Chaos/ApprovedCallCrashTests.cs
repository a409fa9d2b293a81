using System.Net;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Chaos;

/// <summary>Workers that are killed while they make a call that a person approved.</summary>
public sealed class ApprovedCallCrashTests(TestStack stack)
{
    private const int Kills = 3;

    private static readonly (string Key, string Value)[] Settings =
    [
        .. OperatorToken.Settings.Select(setting => (Variable(setting.Key), setting.Value)),
        ("Webhooks__Jobs__Task__Lease", "00:00:02"), ("Webhooks__Jobs__Event__Lease", "00:00:02"),
        ("Webhooks__Egress__Loopback__0", "localhost:*"),
        ("Webhooks__Playbooks__triage__Source", "github"), ("Webhooks__Playbooks__triage__EventTypes__0", "release"),
        ("Webhooks__Playbooks__triage__Instructions", "Read the page."), ("Webhooks__Playbooks__triage__Agent", "openai"),
        ("Webhooks__Playbooks__triage__Merchant", "acme"), ("Webhooks__Playbooks__triage__Tools__0", "fetch_url"),
        ("Webhooks__Playbooks__triage__RequireApproval__0", "fetch_url"),
    ];

    [Fact]
    public async Task A_killed_workers_approved_call_is_made_once_for_each_grant()
    {
        var database = await stack.NewDatabaseAsync();
        await using var page = await MerchantServer.StartAsync(async (request, context) =>
        {
            if (request.Number <= Kills)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            }

            await context.Response.WriteAsync("Refunded.");
        });
        var url = page.Url.AbsoluteUri.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await using var model = await ModelServer.StartAsync(ModelAnswer.Call("fetch_url", new { url }), "It is refunded.");
        (string Key, string Value)[] settings =
        [
            .. model.Settings.Select(setting => (Variable(setting.Key), setting.Value)), .. Settings,
            ("Webhooks__Playbooks__triage__AllowedHosts__0", $"localhost:{page.Url.Port}"),
        ];
        await Tables.AddEventAsync(database, "{}", "release");

        for (var kill = 1; kill <= Kills; kill++)
        {
            await using var worker = ServiceProcess.Worker(database, await stack.RedisAsync(), settings);
            await GrantAsync(worker, mayRepeat: kill > 1);
            await page.NextAsync();
            await worker.KillAsync();
        }

        await using var last = ServiceProcess.Worker(database, await stack.RedisAsync(), settings);
        await GrantAsync(last, mayRepeat: true);
        await Eventually.HoldsAsync(
            "the task is done",
            async () => await Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and state = 'done'") == 1);

        Assert.Equal(Kills + 1, page.All.Count);
        Assert.Equal(
            Kills + 1, await Sql.CountAsync(database, "webhooks.approvals where state = 'granted' and started_at is not null"));
        Assert.Equal(
            "prompt model approval approval approval approval tool model result",
            await Sql.ScalarAsync<string>(database, "select string_agg(kind, ' ' order by position) from webhooks.agent_steps"));

        async Task GrantAsync(ServiceProcess worker, bool mayRepeat)
        {
            using var approver = new HttpClient { BaseAddress = await worker.AddressAsync() }.With(OperatorToken.Approve);
            var asked = await Eventually.GetAsync("a person is asked", async () =>
            {
                Assert.InRange(page.All.Count, 0, await Sql.CountAsync(database, "webhooks.approvals where state = 'granted'"));
                var pending = (await approver.OkAsync("/approvals?state=pending")).GetProperty("data").EnumerateArray();
                return pending.Select(approval => new
                {
                    Id = approval.GetProperty("id").GetGuid(),
                    Hash = approval.GetProperty("arguments_sha256").GetString(),
                    MayRepeat = approval.GetProperty("may_repeat").GetBoolean(),
                }).SingleOrDefault();
            });
            Assert.Equal(mayRepeat, asked.MayRepeat);
            var (status, _) = await approver.CallAsync($"/approvals/{asked.Id}/grant", new { arguments_sha256 = asked.Hash });
            Assert.Equal(HttpStatusCode.OK, status);
        }
    }

    private static string Variable(string setting) => setting.Replace(":", "__", StringComparison.Ordinal);
}
