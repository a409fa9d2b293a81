using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>A Worker whose agent is a scripted model, with one playbook, <c>triage</c>, for all events of GitHub's.</summary>
internal sealed class AgentSetup : IAsyncDisposable
{
    private Action<IServiceCollection> _services = _ => { };
    private ServiceHost<PlaybookCatalog>? _worker;

    private AgentSetup(string database, ModelServer model) => (Database, Model) = (database, model);

    public string Database { get; }

    public ModelServer Model { get; }

    public HttpClient NewClient() => _worker!.NewClient();

    public static Task<AgentSetup> StartAsync(
        TestStack stack, ModelServer model, params (string Key, string Value)[] settings) =>
        StartAsync(stack, model, _ => { }, settings);

    /// <summary>A Worker with listeners of the test's.</summary>
    public static async Task<AgentSetup> StartAsync(
        TestStack stack, ModelServer model, Action<IServiceCollection> services, params (string Key, string Value)[] settings)
    {
        var database = await stack.NewDatabaseAsync();
        var setup = new AgentSetup(database, model) { _services = services };
        await setup.StartWorkerAsync(stack, settings);
        return setup;
    }

    /// <summary>The playbook's settings; each list replaces the tests' default.</summary>
    public static (string Key, string Value)[] Playbook(
        string agent = "openai", string[]? tools = null, string[]? hosts = null, string[]? approval = null,
        string[]? types = null)
    {
        const string Root = "Webhooks:Playbooks:triage";
        return
        [
            ($"{Root}:Source", "github"), ($"{Root}:EventTypes:0", "*"), ($"{Root}:Instructions", "Say what the issue asks for."),
            ($"{Root}:Agent", agent), ($"{Root}:Merchant", "acme"), ($"{Root}:ResultType", "issue.triaged"),
            .. List($"{Root}:Tools", tools ?? ["fetch_url", "read_event", "send_message"]),
            .. List($"{Root}:AllowedHosts", hosts ?? ["localhost"]),
            .. List($"{Root}:MessageTypes", types ?? ["issue.note"]),
            .. List($"{Root}:RequireApproval", approval ?? []),
            ("Webhooks:Egress:Loopback:0", "localhost:*"),
        ];
    }

    public async Task StartWorkerAsync(TestStack stack, params (string Key, string Value)[] settings) =>
        _worker = await Services.WorkerAsync(
            Database, await stack.RedisAsync(), _services,
            [.. Model.Settings, ("Webhooks:Jobs:Event:Poll", "00:00:00.1"), ("Webhooks:Jobs:Task:Poll", "00:00:00.1"),
            .. Playbook(), .. settings]);

    public async Task StopWorkerAsync()
    {
        await _worker!.DisposeAsync();
        _worker = null;
    }

    /// <summary>The task of the playbook <c>triage</c> for a new event, once its job has come to an end.</summary>
    public async Task<AgentTask> RunAsync(string payload, string type = "release") =>
        await EndedAsync(await AddAsync(payload, type));

    public Task<Guid> AddAsync(string payload, string type = "release") => Tables.AddEventAsync(Database, payload, type);

    public async Task<AgentTask> EndedAsync(Guid eventId)
    {
        var task = await TaskAsync(eventId, "is there", _ => true);
        await Tables.FinishedJobAsync(Database, task.Id);
        return await TaskAsync(eventId, "has ended", _ => true);
    }

    /// <summary>The task once its job is in a state.</summary>
    public async Task<AgentTask> InStateAsync(Guid eventId, string state)
    {
        var task = await TaskAsync(eventId, "is there", _ => true);
        await Eventually.HoldsAsync(
            $"the task's job is {state}", async () => (await Tables.JobAsync(Database, task.Id)).State == state);
        return await TaskAsync(eventId, "is read", _ => true);
    }

    /// <summary>The task once it has ended or waits for a person.</summary>
    public async Task<AgentTask> InStateOrEndedAsync(Guid eventId)
    {
        var task = await TaskAsync(eventId, "is there", _ => true);
        await Eventually.HoldsAsync("the task has ended or waits", async () =>
            await Tables.JobAsync(Database, task.Id) is { FinishedAt: not null } or { State: "waiting" });
        return await TaskAsync(eventId, "is read", _ => true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }
    }

    private static IEnumerable<(string Key, string Value)> List(string key, string[] values) =>
        values.Select((value, index) => ($"{key}:{index}", value));

    private Task<AgentTask> TaskAsync(Guid eventId, string what, Func<AgentTask, bool> holds) =>
        Eventually.GetAsync($"the task {what}", async () =>
    {
        await using var db = Tables.Open(Database);
        var tasks = await db.AgentTasks.AsNoTracking().Include(task => task.Steps.OrderBy(step => step.Position))
            .Include(task => task.Approvals).Include(task => task.Messages)
            .Where(task => task.EventId == eventId && task.Playbook == "triage").ToListAsync();
        return tasks.SingleOrDefault(holds);
    });
}
