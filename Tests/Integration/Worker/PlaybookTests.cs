using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;
using Aspire.Webhooks.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Integration.Worker;

public sealed class PlaybookTests(TestStack stack)
{
    private const string Root = "Webhooks:Playbooks";

    [Fact]
    public void Every_error_of_every_playbook_is_named_at_start_by_its_key()
    {
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(Wrong()).AddAgents().BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(
            () => services.GetRequiredService<IOptions<PlaybooksOptions>>().Value);

        string[] expected =
        [
            "first:EventTypes lists no types; '*' is every type.",
            "first:Instructions is not set.",
            "first:Merchant is not set.",
            "first:Source is not set.",
            NoHost("*.github.com"),
            NoHost("https://api.github.com"),
            NoHost("localhost:"),
            NoHost("localhost:*"),
            NoHost("localhost:0"),
            NoHost("localhost:65536"),
            "fourth:Tools are for agents that the Worker runs; an external one brings its own.",
            "second:Agent is 'oracle', which is not registered; there are rules, openai, external and each IChatClient under "
                + "its key.",
            "second:EventTypes: '' is no pattern of event types: a type, a beginning that ends in '*', or '*'.",
            "second:EventTypes: 'in*voice' is no pattern of event types: a type, a beginning that ends in '*', or '*'.",
            "second:Instructions is not set.",
            "second:Merchant is not set.",
            "second:ResultType is not set.",
            "third:AllowedHosts is empty, so that fetch_url can reach nothing.",
            "third:ApprovalExpiry is 31.00:00:00; it must be from 00:00:01 to 30.00:00:00.",
            "third:Budget:Seconds is 3601; it must be from 1 to 3600.",
            "third:Budget:Steps is 0; it must be from 1 to 500.",
            "third:Budget:Tokens is 99; it must be from 100 to 10000000.",
            "third:MessageTypes is empty, so that send_message can send nothing.",
            "third:RequireApproval: 'read_event' is not among Tools.",
            "third:Tools: there is no 'shell'; there are fetch_url, read_event, send_message.",
        ];
        Assert.Equal(
            expected.Select(line => $"{Root}:{line}"), error.Failures.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_task_whose_playbook_is_gone_is_buried_and_says_so()
    {
        var database = await stack.NewDatabaseAsync();
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
        var id = await Tables.AddEventAsync(database, "{}", "release");
        await using var worker = await Services.WorkerAsync(
            database, await stack.RedisAsync(),
            [.. Playbook("any", "*"), .. Playbook("releases", "release"), .. Playbook("pushes", "push")]);

        await Eventually.HoldsAsync(
            "both tasks are done", async () =>
                await Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and state = 'done'") == 2);

        Assert.Equal("any releases", await Sql.ScalarAsync<string>(
            database, $"select string_agg(playbook, ' ' order by playbook) from webhooks.agent_tasks where event_id = '{id}'"));
        Assert.Equal(2, await Sql.CountAsync(database, "webhooks.messages where merchant_id = 'acme'"));
    }

    private static string NoHost(string host) => $"fourth:AllowedHosts: '{host}' is no host: a name in lower case, "
        + "without scheme, path or '*', such as api.github.com or api.github.com:8443.";

    private static ConfigurationManager Wrong() => new()
    {
        [$"{Root}:first:Instructions"] = " ",
        [$"{Root}:second:Source"] = "github",
        [$"{Root}:second:EventTypes:0"] = "",
        [$"{Root}:second:EventTypes:1"] = "in*voice",
        [$"{Root}:second:Agent"] = "oracle",
        [$"{Root}:second:ResultType"] = "",
        [$"{Root}:third:Source"] = "github",
        [$"{Root}:third:EventTypes:0"] = "issues",
        [$"{Root}:third:Instructions"] = "Do.",
        [$"{Root}:third:Merchant"] = "demo",
        [$"{Root}:third:Tools:0"] = "fetch_url",
        [$"{Root}:third:Tools:1"] = "shell",
        [$"{Root}:third:Tools:2"] = "send_message",
        [$"{Root}:third:RequireApproval:0"] = "read_event",
        [$"{Root}:third:Budget:Steps"] = "0",
        [$"{Root}:third:Budget:Tokens"] = "99",
        [$"{Root}:third:Budget:Seconds"] = "3601",
        [$"{Root}:third:ApprovalExpiry"] = "31.00:00:00",
        [$"{Root}:fourth:Source"] = "github",
        [$"{Root}:fourth:EventTypes:0"] = "issues",
        [$"{Root}:fourth:Instructions"] = "Do.",
        [$"{Root}:fourth:Merchant"] = "demo",
        [$"{Root}:fourth:Agent"] = "external",
        [$"{Root}:fourth:Tools:0"] = "read_event",
        [$"{Root}:fourth:AllowedHosts:0"] = "*.github.com",
        [$"{Root}:fourth:AllowedHosts:1"] = "https://api.github.com",
        [$"{Root}:fourth:AllowedHosts:2"] = "localhost:",
        [$"{Root}:fourth:AllowedHosts:3"] = "localhost:*",
        [$"{Root}:fourth:AllowedHosts:4"] = "localhost:0",
        [$"{Root}:fourth:AllowedHosts:5"] = "localhost:65536",
        [$"{Root}:fourth:AllowedHosts:6"] = "localhost:8443",
    };

    private static (string Key, string Value)[] Playbook(string name, string type) =>
    [
        ($"Webhooks:Playbooks:{name}:Source", "github"), ($"Webhooks:Playbooks:{name}:EventTypes:0", type),
        ($"Webhooks:Playbooks:{name}:Instructions", "Say what happened."), ($"Webhooks:Playbooks:{name}:Merchant", "acme"),
    ];
}
