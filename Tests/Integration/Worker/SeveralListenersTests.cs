using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Tests.Integration.Worker;

public sealed class SeveralListenersTests(TestStack stack) : IAsyncLifetime
{
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _database = await stack.NewDatabaseAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task All_listeners_get_their_turn_when_one_fails_and_the_retry_runs_that_one_alone()
    {
        var first = new FirstListener();
        var second = new SecondListener { Script = [ScriptedListener.Fails("not yet")] };
        var third = new ThirdListener();
        await using var worker = await ScriptedListener.WorkerAsync(stack, _database, [first, second, third]);

        var id = await Tables.AddEventAsync(_database, "{}", "order.paid", ScriptedListener.Shop);
        var job = await HurriedJobAsync(id);

        Assert.Equal(("done", 2), (job.State, job.Attempt));
        Assert.Equal(
            "AggregateException: 1 of 3 listeners failed: Aspire.Webhooks.Tests.Integration.Worker.SecondListener. (not yet)",
            job.LastError);
        Assert.Equal((1, 2, 1), (first.Heard.Count, second.Heard.Count, third.Heard.Count));
        Assert.Equal("not yet", Assert.Single(second.Told).Message);
        Assert.Empty(first.Told);
        Assert.Empty(third.Told);
    }

    [Fact]
    public async Task All_that_failed_are_named_and_each_is_told_of_its_own_failures()
    {
        var first = new FirstListener { Script = [ScriptedListener.Fails("one"), ScriptedListener.Fails("one again")] };
        var second = new SecondListener { Script = [ScriptedListener.Fails("two")] };
        await using var worker = await ScriptedListener.WorkerAsync(stack, _database, [first, second]);

        var id = await Tables.AddEventAsync(_database, "{}", "order.paid", ScriptedListener.Shop);
        await Eventually.HoldsAsync(
            "the first attempt failed", async () => (await Tables.JobAsync(_database, id)).LastError is { } error
            && error.Contains("2 of 2 listeners failed", StringComparison.Ordinal)
            && error.Contains("FirstListener, Aspire", StringComparison.Ordinal)
            && error.EndsWith("(one) (two)", StringComparison.Ordinal));
        var job = await HurriedJobAsync(id);

        Assert.Equal(("done", 3), (job.State, job.Attempt));
        Assert.Equal(["one", "one again"], first.Told.Select(exception => exception.Message), StringComparer.Ordinal);
        Assert.Equal((3, 2), (first.Heard.Count, second.Heard.Count));
    }

    [Fact]
    public async Task A_listener_that_always_fails_buries_the_event_and_the_other_has_run_once()
    {
        var first = new FirstListener { Script = [.. Enumerable.Repeat(ScriptedListener.Fails("never"), 4)] };
        var second = new SecondListener();
        await using var worker = await ScriptedListener.WorkerAsync(stack, _database, [first, second]);

        var job = await HurriedJobAsync(await Tables.AddEventAsync(_database, "{}", "order.paid", ScriptedListener.Shop));

        Assert.Equal(("buried", 4), (job.State, job.Attempt));
        Assert.Equal((4, 1), (first.Heard.Count, second.Heard.Count));
    }

    [Fact]
    public async Task A_replay_is_another_job_and_runs_all_again()
    {
        var first = new FirstListener();
        var second = new SecondListener();
        await using var worker = await ScriptedListener.WorkerAsync(stack, _database, [first, second]);
        var id = await Tables.AddEventAsync(_database, "{}", "order.paid", ScriptedListener.Shop);
        await HurriedJobAsync(id);

        await Sql.ExecuteAsync(_database, $"insert into webhooks.jobs (kind, ref_id) values ('event', '{id}')");
        await Eventually.HoldsAsync(
            "both jobs are done", async () => await Sql.CountAsync(_database, "webhooks.jobs where state = 'done'") == 2);

        Assert.Equal([id, id], first.Heard);
        Assert.Equal([id, id], second.Heard);
    }

    [Fact]
    public async Task One_that_succeeded_before_its_worker_was_stopped_is_not_run_again_by_the_next()
    {
        var first = new FirstListener();
        var second = new SecondListener { Script = [ScriptedListener.Stays()] };
        var id = await Tables.AddEventAsync(_database, "{}", "order.paid", ScriptedListener.Shop);
        await using (
            await ScriptedListener.WorkerAsync(
                stack, _database, [first, second], null, ("Webhooks:Jobs:Event:Grace", "00:00:00")))
        {
            await Eventually.HoldsAsync("the second listener runs", () => Task.FromResult(!second.Heard.IsEmpty));
        }

        Assert.Equal(("pending", 0), await StateAsync(id));
        await using var next = await ScriptedListener.WorkerAsync(stack, _database, [first, second]);
        var job = await HurriedJobAsync(id);

        Assert.Equal(("done", 1), (job.State, job.Attempt));
        Assert.Equal((1, 2), (first.Heard.Count, second.Heard.Count));
        Assert.Empty(second.Told);
    }

    [Fact]
    public async Task Successes_are_kept_only_where_an_event_has_more_than_one_listener()
    {
        var invoices = new FirstListener { Types = ["invoice.*"] };
        var everything = new SecondListener();
        await using var worker = await ScriptedListener.WorkerAsync(stack, _database, [invoices, everything]);

        var one = await HurriedJobAsync(await Tables.AddEventAsync(_database, "{}", "order.paid", ScriptedListener.Shop));
        var both = await HurriedJobAsync(await Tables.AddEventAsync(_database, "{}", "invoice.paid", ScriptedListener.Shop));

        Assert.Equal(0, await Sql.CountAsync(_database, $"webhooks.completed_listeners where job_id = {one.Id}"));
        Assert.Equal(
            $"{typeof(FirstListener)} {typeof(SecondListener)}",
            await Sql.ScalarAsync<string>(
                _database,
                $"select string_agg(listener, ' ' order by listener) from webhooks.completed_listeners where job_id = {both.Id}"));
    }

    private async Task<(string State, int Attempt)> StateAsync(Guid id)
    {
        var job = await Tables.JobAsync(_database, id);
        return (job.State, job.Attempt);
    }

    // Makes each retry due at once until there is none left.
    private Task<Job> HurriedJobAsync(Guid id) => Eventually.GetAsync("the event's job is finished", async () =>
    {
        await Sql.ExecuteAsync(_database, "update webhooks.jobs set due_at = now() where state = 'pending' and due_at > now()");
        await using var db = Tables.Open(_database);
        return await db.Jobs.OrderBy(job => job.Id).FirstOrDefaultAsync(job => job.RefId == id && job.FinishedAt != null);
    });
}
