using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>What is said of events that nobody wants, of listeners that fail, and of those that are stopped.</summary>
public sealed class ListenerFailureTests(TestStack stack) : IAsyncLifetime
{
    private const int Ignored = 3001;
    private const int Failed = 3111;
    private const int NotTold = 3112;

    private readonly RecordedLog _log = new();
    private readonly string _source = $"shop-{Guid.CreateVersion7():N}";
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _database = await stack.NewDatabaseAsync();
    }

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_event_of_a_type_that_no_listener_wants_is_settled_as_ignored_for_all_to_see()
    {
        var counts = new ConcurrentQueue<string?>();
        using var metrics = Listen(counts);
        var listener = new FirstListener { ForSource = _source, Types = ["payment_intent.*"] };
        await using var worker = await ScriptedListener.WorkerAsync(stack, _database, [listener], _log);
        await using var receiver = await Services.ReceiverAsync(_database, await stack.RedisAsync());
        using var client = receiver.NewClient();

        var unwanted = await Tables.AddEventAsync(_database, "{}", "charge.refunded", _source);
        var wanted = await Tables.AddEventAsync(_database, "{}", "payment_intent.succeeded", _source);
        await Tables.FinishedJobAsync(_database, wanted);
        var job = await Tables.FinishedJobAsync(_database, unwanted);

        Assert.Equal(("ignored", 1, null), (job.State, job.Attempt, job.LastError));
        Assert.Equal([wanted], listener.Heard);
        Assert.Equal("ignored", (await ReceiverEvents.ReadAsync(client)).Single(e => e.Id == unwanted).State);
        var line = Assert.Single(_log.Of(Ignored));
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains($"charge.refunded; event {unwanted}", line.Text, StringComparison.Ordinal);
        Assert.Equal(["ignored", "processed"], counts.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_a_warning_that_names_the_listener_and_quotes_no_payload()
    {
        var counts = new ConcurrentQueue<string?>();
        using var metrics = Listen(counts);
        var listener = new FirstListener { ForSource = _source,
            Script = [ScriptedListener.Fails("no such customer: quoted-from-the-payload")] };
        await using var worker = await ScriptedListener.WorkerAsync(stack, _database, [listener], _log);

        var id = await Tables.AddEventAsync(_database, "{}", "order.paid", _source);
        await HurriedJobAsync(id);

        var line = Assert.Single(_log.Of(Failed));
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Equal($"{typeof(FirstListener)} failed on event {id} of {_source}: System.InvalidOperationException.", line.Text);
        Assert.Null(line.Exception);
        Assert.Equal(["failed", "processed"], counts, StringComparer.Ordinal);
    }

    [Fact]
    public async Task What_OnErrorAsync_throws_is_logged_and_hides_nothing()
    {
        var listener = new FirstListener
        {
            ForSource = _source,
            Script = [.. Enumerable.Repeat(ScriptedListener.Fails("the original"), 4)],
            WhenTold = () => throw new TimeoutException("the pager is down"),
        };
        await using var worker = await ScriptedListener.WorkerAsync(stack, _database, [listener], _log);

        var job = await HurriedJobAsync(await Tables.AddEventAsync(_database, "{}", "order.paid", _source));

        Assert.Equal(("buried", 4, "InvalidOperationException: the original"), (job.State, job.Attempt, job.LastError));
        Assert.Equal(4, listener.Told.Count);
        Assert.All(_log.Of(NotTold), line => Assert.Equal("the pager is down", line.Exception!.Message));
        Assert.Equal(4, _log.Of(NotTold).Count());
    }

    [Fact]
    public async Task A_listener_that_is_stopped_with_its_worker_has_not_failed()
    {
        var listener = new FirstListener { ForSource = _source, Script = [ScriptedListener.Stays()] };
        var id = await Tables.AddEventAsync(_database, "{}", "order.paid", _source);

        await using (
            await ScriptedListener.WorkerAsync(stack, _database, [listener], _log, ("Webhooks:Jobs:Event:Grace", "00:00:00")))
        {
            await Eventually.HoldsAsync("the listener runs", () => Task.FromResult(!listener.Heard.IsEmpty));
        }

        var job = await Tables.JobAsync(_database, id);
        Assert.Equal(("pending", 0, null), (job.State, job.Attempt, job.LastError));
        Assert.Empty(listener.Told);
        Assert.Empty(_log.Of(Failed));
    }

    [Fact]
    public async Task A_listener_whose_lease_is_lost_has_not_failed()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = new FirstListener
        {
            ForSource = _source,
            Script =
            [
                async token =>
                {
                    await using var told = token.Register(() => cancelled.TrySetResult());
                    await ScriptedListener.Stays()(token);
                },
            ],
        };
        var id = await Tables.AddEventAsync(_database, "{}", "order.paid", _source);
        await using var worker = await ScriptedListener.WorkerAsync(
            stack, _database, [listener], _log, ("Webhooks:Jobs:Event:Lease", "00:00:01"));
        await Eventually.HoldsAsync("the listener runs", () => Task.FromResult(!listener.Heard.IsEmpty));

        await Sql.ExecuteAsync(_database, $"update webhooks.jobs set lease_token = gen_random_uuid() where ref_id = '{id}'");
        await cancelled.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        // Nobody renews the new lease; when it runs out the job is run again, by the same worker.
        var job = await Tables.FinishedJobAsync(_database, id);
        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Empty(listener.Told);
        Assert.Empty(_log.Of(Failed));
    }

    [Fact]
    public async Task Listeners_that_are_not_right_stop_the_start_and_are_named()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var worker = await ScriptedListener.WorkerAsync(
                stack, _database, [new FirstListener { Types = ["a*b"] }, new FirstListener()]);
        });

        Assert.Contains("'a*b'", exception.GetBaseException().Message, StringComparison.Ordinal);
        Assert.Contains(
            $"{typeof(FirstListener)} is registered more than once", exception.GetBaseException().Message,
            StringComparison.Ordinal);
    }

    // Other tests' workers count too, under other sources.
    private MeterListener Listen(ConcurrentQueue<string?> results)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == WebhookTelemetry.Name && instrument.Name == "webhook.events")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value as string, StringComparer.Ordinal);
            if (all["source"] == _source)
            {
                results.Enqueue(all["result"]);
            }
        });
        listener.Start();
        return listener;
    }

    private Task<Storage.Job> HurriedJobAsync(Guid id) => Eventually.GetAsync("the event's job is finished", async () =>
    {
        await Sql.ExecuteAsync(_database, "update webhooks.jobs set due_at = now() where state = 'pending' and due_at > now()");
        return await Tables.JobAsync(_database, id) is { FinishedAt: not null } job ? job : null;
    });
}
