using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>A signed GitHub issue, from the request to the merchant's server, by each of the agents.</summary>
public sealed class AgentTests(TestStack stack)
{
    private const string Issue = """
        {"action":"opened","issue":{"number":7,"title":"It burns","body":"The kitchen, since ten.","html_url":"https://github.com/octo/app/issues/7"},
         "repository":{"full_name":"octo/app"},"sender":{"login":"mona"}}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_rules_it_ends_as_a_summary_that_is_delivered() =>
        await RunAsync("mona opened issue #7 “It burns” in octo/app.", [], "rules");

    [Fact]
    public async Task With_a_model_that_calls_tools_over_several_turns_it_ends_as_a_summary_that_is_delivered()
    {
        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("read_event", new { pointer = "/issue/body" }),
            new ModelAnswer("I tell them.", ("send_message", """{"type":"issue.note","data":{"where":"kitchen"}}""")),
            "The kitchen of octo/app has burnt since ten.");

        var note = await RunAsync("The kitchen of octo/app has burnt since ten.", model.Settings, "openai");

        using var payload = JsonDocument.Parse(note!.Text);
        Assert.Equal("kitchen", payload.RootElement.GetProperty("data").GetProperty("where").GetString());
        Assert.Equal(3, model.Requests.Count);
    }

    // Gives what else was delivered.
    private async Task<MerchantRequest?> RunAsync(string summary, (string Key, string Value)[] settings, string agent)
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await stack.RedisAsync());
        await using var merchant = await MerchantServer.StartAsync();
        await Tables.AddEndpointAsync(database, "acme", merchant.Url);
        await using var receiver = await Services.ReceiverAsync(database, redis);
        await using var worker = await Services.WorkerAsync(database, redis, [.. settings,
            ("Webhooks:Playbooks:triage:Source", "github"), ("Webhooks:Playbooks:triage:EventTypes:0", "issues"),
            ("Webhooks:Playbooks:triage:Instructions", "Say what burns."), ("Webhooks:Playbooks:triage:Agent", agent),
            ("Webhooks:Playbooks:triage:Merchant", "acme"), ("Webhooks:Playbooks:triage:ResultType", "issue.triaged"),
            ("Webhooks:Playbooks:triage:Tools:0", "read_event"), ("Webhooks:Playbooks:triage:Tools:1", "send_message"),
            ("Webhooks:Playbooks:triage:MessageTypes:0", "issue.note")]);
        await using var sender = await Services.SenderAsync(database, redis);

        using var client = receiver.NewClient();
        using var accepted = await client.SendAsync(SignedRequest.GitHub(Issue, type: "issues"), Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        var deliveries = new List<MerchantRequest> { await merchant.NextAsync() };
        while (!deliveries.Exists(IsResult))
        {
            deliveries.Add(await merchant.NextAsync());
        }

        using var result = JsonDocument.Parse(deliveries.Find(IsResult)!.Text);
        Assert.Equal(summary, result.RootElement.GetProperty("data").GetProperty("summary").GetString());
        Assert.Equal(
            "octo/app",
            agent == "rules"
            ? result.RootElement.GetProperty("data").GetProperty("facts").GetProperty("repository").GetString()
            : "octo/app");
        using var tasks = worker.NewClient().With(OperatorToken.Read);
        var listed = await Eventually.GetAsync("the task is completed", async () =>
            (await tasks.OkAsync("/tasks?playbook=triage")).GetProperty("data").EnumerateArray()
                .Where(task => task.GetProperty("state").GetString() == "completed").ToList() is [_, ..] found ? found : null);
        Assert.Single(listed);
        if (deliveries.Count == 1 && settings.Length > 0)
        {
            deliveries.Add(await merchant.NextAsync());
        }

        return deliveries.Find(delivery => !IsResult(delivery));
    }

    private static bool IsResult(MerchantRequest request) => request.Text.Contains("issue.triaged", StringComparison.Ordinal);
}
