using System.Net;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>What an event would become, before it does.</summary>
public sealed class DryRunTests(TestStack stack) : IAsyncLifetime
{
    private ServiceHost<PlaybookCatalog>? _worker;
    private HttpClient _client = null!;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _database = await stack.NewDatabaseAsync();
        (string Key, string Value)[] outside =
        [
            ("Webhooks:Playbooks:outside:Source", "github"), ("Webhooks:Playbooks:outside:EventTypes:0", "issues"),
            ("Webhooks:Playbooks:outside:Instructions", "Look at it."), ("Webhooks:Playbooks:outside:Merchant", "acme"),
            ("Webhooks:Playbooks:outside:Agent", "external"),
        ];
        _worker = await Services.WorkerAsync(
            _database, await stack.RedisAsync(), [.. AgentSetup.Playbook(agent: "rules"), .. outside]);
        _client = _worker.NewClient().With(OperatorToken.Read);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await (_worker?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task A_made_up_event_meets_its_playbooks_and_shows_the_prompt()
    {
        var (status, answer) = await _client.CallAsync(
            "/playbooks/dry-run",
            new { source = "GitHub", event_type = "issues",
            payload = new { issue = new { title = "It burns", password = "hunter2" } } });

        Assert.Equal(HttpStatusCode.OK, status);
        var matches = answer.GetProperty("matches").EnumerateArray().ToList();
        Assert.Equal(
            ["github-summary", "outside", "triage"], matches.Select(match => match.GetProperty("playbook").GetString()!),
            StringComparer.Ordinal);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, matches[1].GetProperty("prompt").ValueKind);
        var prompt = matches[2].GetProperty("prompt");
        Assert.Contains("Say what the issue asks for.", prompt.GetProperty("system").GetString(), StringComparison.Ordinal);
        Assert.Contains("\"title\": \"It burns\"", prompt.GetProperty("user").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", answer.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(0, await Sql.CountAsync(_database, "webhooks.jobs"));
    }

    [Fact]
    public async Task An_event_of_the_ledger_can_be_tried_again()
    {
        var id = await Tables.AddEventAsync(_database, """{"zen":"Keep it logically awesome."}""", "ping");
        await Tables.FinishedJobAsync(_database, id);

        var (_, answer) = await _client.CallAsync("/playbooks/dry-run", new { event_id = id });

        var match = Assert.Single(answer.GetProperty("matches").EnumerateArray());
        Assert.Contains(
            $"event {id} of github", match.GetProperty("prompt").GetProperty("user").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", 400, "source", "event_type", "payload")]
    [InlineData("both", 400, "event_id")]
    [InlineData("unknown", 404)]
    public async Task What_makes_no_sense_is_refused(string what, int status, params string[] fields)
    {
        object body = what switch
        {
            "nothing" => new { },
            "both" => new { event_id = Guid.Empty, source = "github" },
            _ => new { event_id = Guid.Empty },
        };

        var (answered, problem) = await _client.CallAsync("/playbooks/dry-run", body);

        Assert.Equal(status, (int)answered);
        Assert.Equal(
            fields.Order(StringComparer.Ordinal), fields.Length == 0 ? [] : problem.Fields().Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_playbooks_are_listed_as_configured()
    {
        var playbooks = await _client.OkAsync("/playbooks");

        Assert.Equal(["github-summary", "outside", "triage"], playbooks.Values("name"), StringComparer.Ordinal);
        Assert.Null(playbooks.Cursor());
        Assert.Equal(20, playbooks.GetProperty("data")[2].GetProperty("budget").GetProperty("steps").GetInt32());
    }
}
