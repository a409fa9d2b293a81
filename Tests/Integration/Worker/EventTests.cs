using System.Text.Json;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Tests.Integration.Worker;

public sealed class EventTests(EventTests.RunningWorker worker) : IClassFixture<EventTests.RunningWorker>
{
    private const string Push = """
        {"ref":"refs/heads/main","repository":{"full_name":"octo/app"},"pusher":{"name":"mona"},"commits":[{"id":"0123456789","message":"Fix it"}]}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("push", "mona pushed 1 commit to main of octo/app. 0123456 Fix it (+0 ~0 −0 files).")]
    [InlineData("issues", "Somebody changed issue # “” in octo/app.")]
    public async Task An_event_becomes_one_task_with_a_result_three_steps_and_one_message(string type, string summary)
    {
        var id = await Tables.AddEventAsync(worker.Database, Push, type);

        var task = await FinishedTaskAsync(id);

        Assert.Equal("done", (await Tables.JobAsync(worker.Database, id)).State);
        Assert.Equal("done", (await Tables.FinishedJobAsync(worker.Database, task.Id)).State);
        using var result = JsonDocument.Parse(task.Result!);
        Assert.Equal(summary, result.RootElement.GetProperty("summary").GetString());
        Assert.Equal(
            [(0, "prompt"), (1, "model"), (2, "result")],
            task.Steps.OrderBy(step => step.Position).Select(step => (step.Position, step.Kind)));
        var message = Assert.Single(task.Messages);
        Assert.Equal(
            ("demo", "task.completed", $"task:{task.Id}"), (message.MerchantId, message.EventType, message.IdempotencyKey));
        using var payload = JsonDocument.Parse(message.Payload);
        var data = payload.RootElement.GetProperty("data");
        Assert.Equal(summary, data.GetProperty("summary").GetString());
        Assert.Equal(id, data.GetProperty("event_id").GetGuid());
        Assert.Equal(task.Id, data.GetProperty("task_id").GetGuid());
        Assert.Equal("github-summary", data.GetProperty("playbook").GetString());
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("Push")]
    [InlineData("*")]
    public async Task An_event_of_a_type_that_no_playbook_is_for_is_ignored(string type)
    {
        var id = await Tables.AddEventAsync(worker.Database, Push, type);

        Assert.Equal("ignored", (await Tables.FinishedJobAsync(worker.Database, id)).State);
        Assert.Empty(await TasksAsync(id));
    }

    [Fact]
    public async Task An_event_of_a_source_with_neither_listener_nor_playbook_is_ignored()
    {
        var id = await Tables.AddEventAsync(worker.Database, Push, source: "provider");

        var job = await Tables.FinishedJobAsync(worker.Database, id);
        Assert.Equal(("ignored", 1, null), (job.State, job.Attempt, job.LastError));
        Assert.Empty(await TasksAsync(id));
    }

    [Fact]
    public async Task An_event_that_only_a_listener_wants_is_done()
    {
        var id = await Tables.AddEventAsync(worker.Database, """{"type":"task.completed"}""", "task.completed", "standard");

        Assert.Equal("done", (await Tables.FinishedJobAsync(worker.Database, id)).State);
        Assert.Empty(await TasksAsync(id));
    }

    [Theory]
    [InlineData("ghp_0123456789abcdefghijABCDEFGHIJ")]
    [InlineData("sk-proj-0123456789abcdefgh")]
    [InlineData("token: correct-horse-battery")]
    [InlineData(Services.GitHubSecret)]
    [InlineData(Services.StandardSecret)]
    public async Task A_credential_that_somebody_wrote_in_a_payload_goes_no_further(string credential)
    {
        var push = JsonSerializer.Serialize(
            new { @ref = $"refs/heads/{credential}", after = credential,
                commits = new[] { new { id = "1", message = $"Use {credential}" } } });
        var issue = JsonSerializer.Serialize(
            new { action = "opened",
                issue = new { title = $"I use {credential} here", html_url = credential,
                labels = new[] { new { name = credential } } } });
        var secret = credential.Replace("token: ", "", StringComparison.Ordinal);
        foreach (var (type, body) in new[] { ("push", push), ("issues", issue) })
        {
            var task = await FinishedTaskAsync(await Tables.AddEventAsync(worker.Database, body, type));

            string[] texts = [
                task.Result!, .. task.Steps.Select(step => step.Content),
                .. task.Messages.Select(m => System.Text.Encoding.UTF8.GetString(m.Payload!))];
            Assert.All(texts, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
            Assert.All(
                texts, text => Assert.DoesNotContain(JsonEncodedText.Encode(secret).ToString(), text, StringComparison.Ordinal));
            Assert.Contains("***redacted***", task.Result, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("no JSON")]
    [InlineData("""{"commits":[{"message":"zero \u0000, half \ud800"}]}""")]
    [InlineData("""{"\ud800":1,"ref":"\u0000"}""")]
    public async Task An_odd_payload_is_a_finished_task_all_the_same(string body)
    {
        var task = await FinishedTaskAsync(await Tables.AddEventAsync(worker.Database, body));

        var job = await Tables.FinishedJobAsync(worker.Database, task.Id);
        Assert.Equal(("done", 1), (job.State, job.Attempt));
    }

    private async Task<AgentTask> FinishedTaskAsync(Guid eventId) => Assert.Single(await Eventually.GetAsync(
        "the event's task has a result", async () =>
            await TasksAsync(eventId) is [{ Result: not null }, ..] tasks ? tasks : null));

    private async Task<List<AgentTask>> TasksAsync(Guid eventId)
    {
        await using var db = Tables.Open(worker.Database);
        return await db.AgentTasks.Include(task => task.Steps).Include(task => task.Messages)
            .Where(task => task.EventId == eventId).ToListAsync(Cancellation);
    }

    /// <summary>A Worker for the whole class.</summary>
    public sealed class RunningWorker(TestStack stack) : IAsyncLifetime
    {
        private ServiceHost<PlaybookCatalog>? _worker;

        public string Database { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Database = await stack.NewDatabaseAsync();
            _worker = await Services.WorkerAsync(Database, await stack.RedisAsync(), ("Webhooks:Jobs:Event:Poll", "00:00:00.1"));
        }

        public async ValueTask DisposeAsync()
        {
            if (_worker is not null)
            {
                await _worker.DisposeAsync();
            }
        }
    }
}
