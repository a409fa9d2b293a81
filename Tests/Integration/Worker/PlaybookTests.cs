using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Playbooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Integration.Worker;

public sealed class PlaybookTests(TestStack stack)
{
    [Fact]
    public void Every_error_of_every_playbook_is_named_at_start_by_its_key()
    {
        var configuration = new ConfigurationManager
        {
            ["Webhooks:Playbooks:first:Instructions"] = " ",
            ["Webhooks:Playbooks:second:Source"] = "github",
            ["Webhooks:Playbooks:second:EventTypes:0"] = "",
            ["Webhooks:Playbooks:second:Agent"] = "oracle",
            ["Webhooks:Playbooks:second:ResultType"] = "",
        };
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddPlaybooks().BuildServiceProvider();

        // What a host does before it starts.
        var error = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        string[] expected =
        [
            "Webhooks:Playbooks:first:EventTypes lists no types; '*' is every type.",
            "Webhooks:Playbooks:first:Instructions is not set.",
            "Webhooks:Playbooks:first:Merchant is not set.",
            "Webhooks:Playbooks:first:Source is not set.",
            "Webhooks:Playbooks:second:Agent is 'oracle'; known is rules.",
            "Webhooks:Playbooks:second:EventTypes lists no types; '*' is every type.",
            "Webhooks:Playbooks:second:Instructions is not set.",
            "Webhooks:Playbooks:second:Merchant is not set.",
            "Webhooks:Playbooks:second:ResultType is not set.",
        ];
        Assert.Equal(expected, error.Failures.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_task_whose_playbook_is_gone_is_buried_and_says_so()
    {
        var database = await stack.NewDatabaseAsync();
        await Tables.CreateAsync(database);
        var task = await Tables.AddTaskAsync(database, "{}", playbook: "retired");
        await using var worker = await Services.WorkerAsync(database, await stack.RedisAsync());

        var job = await Tables.FinishedJobAsync(database, task);

        Assert.Equal(("buried", 1, "The playbook 'retired' is no longer configured."), (job.State, job.Attempt, job.LastError));
        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.messages"));
        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.agent_steps"));
    }

    [Fact]
    public async Task Each_matching_playbook_makes_a_task_of_its_own()
    {
        var database = await stack.NewDatabaseAsync();
        await Tables.CreateAsync(database);
        var id = await Tables.AddEventAsync(database, "{}", "release");
        await using var worker = await Services.WorkerAsync(database, await stack.RedisAsync(), [.. Playbook("any", "*"), .. Playbook("releases", "release"), .. Playbook("pushes", "push")]);

        await Eventually.HoldsAsync("both tasks are done", async () => await Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and state = 'done'") == 2);

        Assert.Equal("any releases", await Sql.ScalarAsync<string>(
            database, $"select string_agg(playbook, ' ' order by playbook) from webhooks.agent_tasks where event_id = '{id}'"));
        Assert.Equal(2, await Sql.CountAsync(database, "webhooks.messages where merchant_id = 'acme'"));
    }

    private static (string Key, string Value)[] Playbook(string name, string type) =>
    [
        ($"Webhooks:Playbooks:{name}:Source", "github"), ($"Webhooks:Playbooks:{name}:EventTypes:0", type),
        ($"Webhooks:Playbooks:{name}:Instructions", "Say what happened."), ($"Webhooks:Playbooks:{name}:Merchant", "acme"),
    ];
}
