using System.Net;
using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Chaos;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class DurabilityTests(TestStack stack)
{
    private const string Record = """
        create table public.commits (setting text not null);
        create function public.record() returns trigger language plpgsql as $$
        begin
            insert into public.commits values (current_setting('synchronous_commit'));
            return null;
        end $$;
        create constraint trigger record after insert on webhooks.inbound_events
            deferrable initially deferred for each row execute function public.record();
        """;

    // The trigger is deferred: it sees the setting with which the transaction commits.
    [Fact]
    public async Task An_event_is_committed_synchronously_even_when_the_database_s_default_is_not()
    {
        var database = await stack.NewDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await Sql.ExecuteAsync(await stack.DatabaseAsync(), $"alter database {name} set synchronous_commit = off");
        await using var receiver = await Services.ReceiverAsync(database, await stack.RedisAsync());
        await Sql.ExecuteAsync(database, Record);
        using var client = receiver.NewClient();

        var answers = await client.PostAllAsync(
            Enumerable.Range(0, 20).Select(number => SignedRequest.GitHub(Delivery.Body, $"event-{number}")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Equal("off", await Sql.ScalarAsync<string>(database, "select current_setting('synchronous_commit')"));
        Assert.Equal(20, await Sql.CountAsync(database, "public.commits where setting = 'on'"));
        Assert.Equal(20, await Sql.CountAsync(database, "public.commits"));
    }

    [Fact]
    public async Task An_event_whose_job_cannot_be_stored_is_not_stored_either()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(database, await stack.RedisAsync());
        await Sql.ExecuteAsync(database, "alter table webhooks.jobs add constraint refuse check (kind <> 'event')");
        using var client = receiver.NewClient();

        var refused = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"));
        var stored = await Sql.CountAsync(database, "webhooks.inbound_events");
        await Sql.ExecuteAsync(database, "alter table webhooks.jobs drop constraint refuse");
        var accepted = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(0, stored);
        Assert.Equal(HttpStatusCode.Accepted, accepted.Status);
    }

    [Fact]
    public async Task Large_events_that_wait_together_are_committed_in_batches_of_bounded_size()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(
            database,
            await stack.RedisAsync(),
            ("Webhooks:Intake:CommitTimeout", "00:01:00"),
            ("Webhooks:Intake:Writers", "1"),
            ("Webhooks:Sources:github:MaxBodyBytes", "8000000"));
        using var client = receiver.NewClient();
        var large = Encoding.UTF8.GetBytes($"\"{new string('x', 6_000_000)}\"");

        await using var held = await HeldLock.TakeAsync(database, "lock table webhooks.inbound_events in exclusive mode");
        var first = client.PostAsync(SignedRequest.GitHub(Delivery.Body, "first"));
        await held.HoldsAsync(1);
        var others = client.PostAllAsync(
            Enumerable.Range(0, 4).Select(number => Delivery.Signed("github", $"large-{number}", large)));
        var line = receiver.Services.GetRequiredService<IntakeQueue>();
        await Eventually.HoldsAsync("four events wait", () => Task.FromResult(line.Waiting == 4));
        await held.ReleaseAsync();

        Assert.Equal(HttpStatusCode.Accepted, (await first).Status);
        Assert.All(await others, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        // xmin is the transaction that wrote the row: the first event alone, then three, then one.
        Assert.Equal(3, await Sql.CountAsync(database, "(select distinct xmin::text from webhooks.inbound_events) as batches"));
    }

    [Fact]
    public async Task A_receiver_that_is_stopped_under_load_has_stored_everything_that_it_accepted()
    {
        var database = await stack.NewDatabaseAsync();
        var receiver = await Services.ReceiverAsync(database, await stack.RedisAsync());
        using var client = receiver.NewClient();
        var accepted = new System.Collections.Concurrent.ConcurrentBag<string>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var load = Task.WhenAll(Enumerable.Range(0, 16).Select(sender => Task.Run(async () =>
        {
            for (var number = 0; ; number++)
            {
                var id = $"{sender}-{number}";
                try
                {
                    if ((await client.PostAsync(SignedRequest.GitHub(Delivery.Body, id))).Status == HttpStatusCode.Accepted)
                    {
                        accepted.Add(id);
                    }
                }
                catch (HttpRequestException)
                {
                    return;
                }

                if (accepted.Count > 200)
                {
                    enough.TrySetResult();
                }
            }
        })));
        await enough.Task;
        await receiver.DisposeAsync();
        await load;

        var stored = await Sql.ScalarAsync<string[]>(database, "select array_agg(delivery_id) from webhooks.inbound_events");
        Assert.Empty(accepted.Except(stored!, StringComparer.Ordinal));
    }
}
