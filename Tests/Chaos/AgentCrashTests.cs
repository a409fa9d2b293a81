using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Chaos;

/// <summary>
/// Workers that are killed in the middle of agents' work: the next one goes on behind the last step, and no effect happens
/// twice.
/// </summary>
public sealed class AgentCrashTests(TestStack stack)
{
    private const int Tasks = 200;
    private const int Kills = 20;

    // prompt, model, tool, model, tool, model, result
    private const int StepsPerTask = 7;

    private static readonly (string Key, string Value)[] Settings =
    [
        // By the default schedule a failed attempt that comes third waits 60 s, as long as the test waits: kills count as
        // attempts.
        .. Enumerable.Range(0, 8).Select(retry => ($"Webhooks__Jobs__Task__Sources__github__Retries__{retry}", "00:00:01")),
        ("Webhooks__Jobs__Task__Lease", "00:00:02"), ("Webhooks__Jobs__Event__Lease", "00:00:02"),
        ("Webhooks__Jobs__Task__Concurrency", "16"), ("Webhooks__Playbooks__triage__Source", "github"),
        ("Webhooks__Playbooks__triage__EventTypes__0", "release"),
        ("Webhooks__Playbooks__triage__Instructions", "Send two notes."), ("Webhooks__Playbooks__triage__Agent", "openai"),
        ("Webhooks__Playbooks__triage__Merchant", "acme"), ("Webhooks__Playbooks__triage__ResultType", "release.triaged"),
        ("Webhooks__Playbooks__triage__Tools__0", "send_message"), ("Webhooks__Playbooks__triage__MessageTypes__0", "note"),
    ];

    [Fact]
    public async Task Killed_at_random_moments_workers_finish_every_task_and_do_every_effect_once()
    {
        var database = await stack.NewDatabaseAsync();
        await Tables.AddEndpointAsync(database, "acme", new Uri("http://127.0.0.1:1/"));
        for (var n = 0; n < Tasks; n++)
        {
            await Tables.AddEventAsync(database, """{"action":"published"}""", "release");
        }

        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("send_message", new { type = "note", data = new { n = 1 } }),
            ModelAnswer.Call("send_message", new { type = "note", data = new { n = 2 } }),
            "Both notes are sent.");
        var settings = model.Settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value))
            .Concat(Settings).ToArray();

        foreach (var moment in Moments())
        {
            await using var worker = ServiceProcess.Worker(database, await stack.RedisAsync(), settings);
            await Eventually.HoldsAsync(
                $"{moment} steps are stored", async () => await Sql.CountAsync(database, "webhooks.agent_steps") >= moment);
            await worker.KillAsync();
        }

        await using var last = ServiceProcess.Worker(database, await stack.RedisAsync(), settings);
        await Eventually.HoldsAsync("all tasks are done", async () =>
        {
            Assert.Null(
                await Sql.ScalarAsync<string>(
                    database,
                    "select string_agg(attempt || ': ' || last_error, '; ') from webhooks.jobs where state = 'buried'"));
            return await Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and state = 'done'") == Tasks;
        });

        Assert.Equal(Tasks, await Sql.CountAsync(database, "webhooks.agent_tasks where result is not null"));
        Assert.Equal(Tasks * StepsPerTask, await Sql.CountAsync(database, "webhooks.agent_steps"));
        Assert.Equal(Tasks, await Sql.CountAsync(database, "webhooks.messages where event_type = 'release.triaged'"));
        Assert.Equal(2 * Tasks, await Sql.CountAsync(database, "webhooks.messages where event_type = 'note'"));
        Assert.Equal(2 * Tasks, await Sql.CountAsync(
            database,
            "(select distinct task_id, convert_from(payload, 'utf8')::jsonb -> 'data' ->> 'n' from webhooks.messages where "
            + "event_type = 'note') as notes"));
        Assert.Equal(3 * Tasks, await Sql.CountAsync(database, "webhooks.jobs where kind = 'delivery'"));
        Assert.InRange(await Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and attempt > 1"), 1, Tasks);
    }

    // At so many steps: in the middle of any, as the last one counted is not the last one begun.
    private static IEnumerable<int> Moments() =>
        Enumerable.Range(0, Kills).Select(_ => Random.Shared.Next(1, Tasks * StepsPerTask)).Order();
}
