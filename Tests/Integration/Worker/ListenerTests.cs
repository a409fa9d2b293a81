using System.Collections.Concurrent;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Worker;

public sealed class ListenerTests(TestStack stack)
{
    [Fact]
    public async Task A_listener_that_throws_is_told_and_hears_the_event_again()
    {
        var listener = new Listener("shop", failures: 1);
        var database = await stack.NewDatabaseAsync();
        await using var worker = await WorkerAsync(database, listener);

        var id = await Tables.AddEventAsync(database, """{"n":1}""", "order.paid", "shop");
        var job = await HurriedJobAsync(database, id);

        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Equal([id, id], listener.Heard);
        Assert.Equal("the first 1 fail", Assert.Single(listener.Errors).Message);
    }

    [Fact]
    public async Task A_listener_that_always_throws_buries_its_event_with_the_reason()
    {
        var listener = new Listener("shop", failures: int.MaxValue, message: "no\0good, token=correct-horse");
        var database = await stack.NewDatabaseAsync();
        await using var worker = await WorkerAsync(database, listener);

        var id = await Tables.AddEventAsync(database, "{}", "order.paid", "shop");
        var job = await HurriedJobAsync(database, id);

        Assert.Equal(("buried", 4), (job.State, job.Attempt));
        Assert.Equal("InvalidOperationException: no\uFFFDgood, token=***redacted***", job.LastError);
        Assert.Equal(4, listener.Errors.Count);
    }

    [Fact]
    public async Task A_listener_that_gives_up_by_its_own_timeout_has_failed()
    {
        var listener = new Listener("shop", failures: 1, exception: new TaskCanceledException("the shop did not answer"));
        var database = await stack.NewDatabaseAsync();
        await using var worker = await WorkerAsync(database, listener);

        var job = await HurriedJobAsync(database, await Tables.AddEventAsync(database, "{}", "order.paid", "shop"));

        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Single(listener.Errors);
    }

    [Fact]
    public async Task Events_of_other_sources_are_not_held_up_by_a_listener_that_throws()
    {
        var bad = new Listener("shop", failures: int.MaxValue);
        var good = new Listener("SHOP-2", failures: 0);
        var database = await stack.NewDatabaseAsync();
        await using var worker = await WorkerAsync(database, bad, good);

        for (var n = 0; n < 20; n++)
        {
            await Tables.AddEventAsync(database, "{}", "order.paid", "shop");
        }

        var id = await Tables.AddEventAsync(database, "{}", "order.paid", "shop-2");
        var job = await Tables.FinishedJobAsync(database, id);

        Assert.Equal(("done", 1), (job.State, job.Attempt));
        Assert.Equal([id], good.Heard);
    }

    [Fact]
    public async Task More_events_than_a_worker_runs_at_once_are_all_heard_once()
    {
        var listener = new Listener("shop", failures: 0);
        var database = await stack.NewDatabaseAsync();
        for (var n = 0; n < 50; n++)
        {
            await Tables.AddEventAsync(database, "{}", "order.paid", "shop");
        }

        await using var worker = await WorkerAsync(database, listener);
        await Eventually.HoldsAsync(
            "all events are done", async () => await Sql.CountAsync(database, "webhooks.jobs where state = 'done'") == 50);

        Assert.Equal(50, listener.Events.Count);
        Assert.Equal(50, listener.Heard.Distinct().Count());
    }

    [Fact]
    public async Task A_listener_gets_the_event_as_it_was_signed()
    {
        var listener = new Listener("shop", failures: 0);
        var database = await stack.NewDatabaseAsync();
        await using var worker = await WorkerAsync(database, listener);

        var id = await Tables.AddEventAsync(database, "{ \"n\" : 1.0 }\n", "order.paid", "shop");
        await Tables.FinishedJobAsync(database, id);

        var heard = Assert.Single(listener.Events);
        Assert.Equal(("shop", "order.paid", $"delivery-{id}"), (heard.Source, heard.EventType, heard.DeliveryId));
        Assert.Equal("{ \"n\" : 1.0 }\n", System.Text.Encoding.UTF8.GetString(heard.Body.Span));
    }

    private async Task<IAsyncDisposable> WorkerAsync(string database, params Listener[] listeners)
    {
        void Add(IServiceCollection services)
        {
            foreach (var listener in listeners)
            {
                services.AddSingleton<WebhookListener>(listener);
            }
        }

        return await Services.WorkerAsync(database, await stack.RedisAsync(), Add, ("Webhooks:Jobs:Event:Poll", "00:00:00.1"));
    }

    // Makes each retry due at once until there is none left.
    private static Task<Storage.Job> HurriedJobAsync(string database, Guid id) =>
        Eventually.GetAsync("the event's job is finished", async () =>
    {
        await Sql.ExecuteAsync(database, "update webhooks.jobs set due_at = now() where state = 'pending' and due_at > now()");
        return await Tables.JobAsync(database, id) is { FinishedAt: not null } job ? job : null;
    });

    private sealed class Listener(
        string source, int failures, string? message = null, Exception? exception = null) : WebhookListener
    {
        private int _calls;

        public ConcurrentQueue<WebhookEvent> Events { get; } = [];

        public IEnumerable<Guid> Heard => Events.Select(e => e.Id);

        public ConcurrentQueue<Exception> Errors { get; } = [];

        public override string Source => source;

        public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
        {
            Events.Enqueue(webhookEvent);
            return Interlocked.Increment(ref _calls) > failures
                ? Task.CompletedTask
                : throw exception ?? new InvalidOperationException(message ?? $"the first {failures} fail");
        }

        public override Task OnErrorAsync(WebhookEvent webhookEvent, Exception exception, CancellationToken cancellationToken)
        {
            Errors.Enqueue(exception);
            return Task.CompletedTask;
        }
    }
}
