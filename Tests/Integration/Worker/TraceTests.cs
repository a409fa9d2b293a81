using System.Collections.Concurrent;
using System.Diagnostics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.ServiceDefaults;
using Aspire.Webhooks.Worker;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Tests.Integration.Worker;

[Collection(nameof(ProcessWideTelemetry))]
public sealed class TraceTests(TestStack stack)
{
    private static readonly string[] Names = ["webhook.process", "invoke_agent rules", "chat rules", "webhook.deliver"];

    [Fact]
    public async Task One_trace_runs_from_the_stored_event_through_agent_and_delivery()
    {
        var trace = ActivityTraceId.CreateRandom();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(trace, spans);
        var database = await stack.NewDatabaseAsync();
        await using var server = await MerchantServer.StartAsync();
        await Tables.AddEndpointAsync(database, "demo", server.Url);
        var id = await Tables.AddEventAsync(database, "{}", traceparent: $"00-{trace}-b7ad6b7169203331-01");

        await using var worker = await Services.WorkerAsync(database, await stack.RedisAsync());
        await using var sender = await Services.SenderAsync(database, await stack.RedisAsync());
        var request = await server.NextAsync();
        await Eventually.HoldsAsync("all spans have ended", () => Task.FromResult(spans.Count == Names.Length));

        var byName = spans.ToDictionary(span => span.DisplayName, StringComparer.Ordinal);
        Assert.Equal(Names.Order(StringComparer.Ordinal), byName.Keys.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        var parents = Names.Select(name => byName[name].ParentSpanId.ToHexString());
        Assert.Equal(
            ["b7ad6b7169203331", byName["webhook.process"].SpanId.ToHexString(),
                .. Enumerable.Repeat(byName["invoke_agent rules"].SpanId.ToHexString(), 2)],
            parents, StringComparer.Ordinal);
        Assert.Equal(id.ToString(), byName["webhook.process"].GetTagItem("webhook.event_id"));
        Assert.Equal("delivered", byName["webhook.deliver"].GetTagItem("webhook.outcome"));
        Assert.Contains(trace.ToHexString(), request.Headers["traceparent"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, ActivityStatusCode.Unset)]
    [InlineData(500, ActivityStatusCode.Error)]
    public async Task A_models_call_is_a_span_of_its_task_that_says_nothing_of_what_was_said(
        int status, ActivityStatusCode expected)
    {
        var trace = ActivityTraceId.CreateRandom();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(trace, spans);
        await using var model = await ModelServer.StartAsync(new ModelAnswer("The kitchen burns.") { Status = status });
        await using var setup = await AgentSetup.StartAsync(
            stack, model, ("Webhooks:Jobs:Task:Sources:github:Retries:0", "7.00:00:00"));

        await Tables.AddEventAsync(
            setup.Database, """{"title":"Smoke in the kitchen"}""", "release", traceparent: $"00-{trace}-b7ad6b7169203331-01");

        Activity? Find(string name) => spans.SingleOrDefault(span => span.DisplayName == name);
        var agent = await Eventually.GetAsync("the agent's span has ended", () => Task.FromResult(Find("invoke_agent openai")));
        var chat = Find("chat scripted")!;
        Assert.Equal((agent.SpanId, ActivityKind.Client, expected), (chat.ParentSpanId, chat.Kind, chat.Status));
        Assert.Equal(expected, agent.Status);
        Dictionary<string, object?> tags = new(StringComparer.Ordinal)
        {
            ["gen_ai.operation.name"] = "chat", ["gen_ai.provider.name"] = "openai", ["gen_ai.request.model"] = "scripted",
            ["server.address"] = "127.0.0.1", ["server.port"] = model.Url.Port,
        };
        if (expected == ActivityStatusCode.Error)
        {
            tags["error.type"] = typeof(ModelServerException).FullName;
        }
        else
        {
            tags["gen_ai.response.id"] = "chatcmpl-1";
            tags["gen_ai.response.model"] = "scripted-2026";
            tags["gen_ai.response.finish_reasons"] = "[\"stop\"]";
            tags["gen_ai.usage.input_tokens"] = 15;
            tags["gen_ai.usage.output_tokens"] = 5;
        }

        Assert.All(tags, tag => Assert.Equal(tag.Value, chat.GetTagItem(tag.Key)));
        Assert.All(
            spans.SelectMany(span => span.TagObjects),
            tag => Assert.DoesNotContain("kitchen", $"{tag.Value}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_of_ones_own_has_a_span_for_each_call_and_may_count_as_it_likes()
    {
        var trace = ActivityTraceId.CreateRandom();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(trace, spans);
        var database = await stack.NewDatabaseAsync();
        await Tables.AddEventAsync(database, "{}", "release", traceparent: $"00-{trace}-b7ad6b7169203331-01");

        await using var worker = await Services.WorkerAsync(
            database, await stack.RedisAsync(), services => services.AddAgentClient<OwnClient>("own"),
            AgentSetup.Playbook("own"));

        Activity? Find(string name) => spans.SingleOrDefault(span => span.DisplayName == name);
        var agent = await Eventually.GetAsync("the agent's span has ended", () => Task.FromResult(Find("invoke_agent own")));
        Assert.Equal(agent.SpanId, Find("chat own-model")!.ParentSpanId);
        await Eventually.HoldsAsync("the task is done", async () =>
            await Sql.CountAsync(database, "webhooks.jobs where kind = 'task' and state = 'done' and attempt = 1") == 1);
        Assert.Equal(int.MaxValue, await Sql.ScalarAsync<long>(database, "select max(output_tokens) from webhooks.agent_steps"));
    }

    [Fact]
    public async Task An_event_without_a_trace_is_worked_off_all_the_same()
    {
        var database = await stack.NewDatabaseAsync();
        await Tables.AddEventAsync(database, "{}");
        await Tables.AddEventAsync(database, "{}", traceparent: "not a traceparent");
        await using var worker = await Services.WorkerAsync(database, await stack.RedisAsync());

        await Eventually.HoldsAsync("both have a message", async () => await Sql.CountAsync(database, "webhooks.messages") == 2);
    }

    private static ActivityListener Listen(ActivityTraceId trace, ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WebhookTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                {
                    spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private sealed class OwnClient : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done."))
            {
                Usage = new() { InputTokenCount = long.MinValue, OutputTokenCount = long.MaxValue },
            });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("own", defaultModelId: "own-model") : null;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
