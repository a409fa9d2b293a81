using System.Net;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;
using StackExchange.Redis;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>What remembers delivery ids must not remember more than the database does.</summary>
public sealed class TimelineTests(TestStack stack)
{
    private const string NewId = "update webhooks.ledger set id = gen_random_uuid()";

    [Theory]
    [InlineData("Redis")]
    [InlineData("Memory")]
    public async Task What_a_restore_has_lost_is_accepted_when_it_comes_again_and_what_it_has_kept_is_a_duplicate(string provider)
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "No PostgreSQL is installed.");
        await using var postgres = await PostgresServer.StartAsync();
        await using var receiver = await ReceiverAsync(postgres.ConnectionString, provider);
        using var client = receiver.NewClient();
        var (kept, lost) = (Delivery.NewId(), Delivery.NewId());
        await IsAnsweredAsync(client, kept, HttpStatusCode.OK);
        await postgres.BackUpAsync();
        await IsKnownByTheHintAloneAsync(client, postgres.ConnectionString, lost);

        await postgres.RestoreAsync();

        // The duplicate lets the hint be asked about what follows. A restore can be over within a second, for which the timeline
        // that was read before it still counts.
        await IsAnsweredAsync(client, kept, HttpStatusCode.OK);
        await IsAnsweredAsync(client, lost, HttpStatusCode.Accepted);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(client, lost));
        Assert.Equal(1, await EventsAsync(postgres.ConnectionString, kept));
        Assert.Equal(1, await EventsAsync(postgres.ConnectionString, lost));
    }

    // What docs/operations.md says to do after a restore that begins no timeline.
    [Theory]
    [InlineData("Redis")]
    [InlineData("Memory")]
    public async Task A_new_id_of_the_ledger_ends_what_is_remembered_within_a_second(string provider)
    {
        await using var redis = await ConnectAsync();
        await using var hints = await Hints.CreateAsync(stack);
        var hint = hints.Of(provider, redis);
        IntakeItem[] items = [hints.NewItem("github", Delivery.NewId())];
        hint.Remember(items);
        await Hints.KnowsAsync(hint, items, true);

        await Sql.ExecuteAsync(hints.Database, NewId);
        hints.Pass();

        Assert.Equal([false], hint.Known(items));
    }

    [Theory]
    [InlineData("Redis")]
    [InlineData("Memory")]
    public async Task What_came_in_before_the_timeline_was_known_is_not_remembered_under_it(string provider)
    {
        await using var redis = await ConnectAsync();
        await using var hints = await Hints.CreateAsync(stack);
        var hint = hints.Of(provider, redis);
        var before = hints.NewItem("github", Delivery.NewId());
        await Sql.ExecuteAsync(hints.Database, NewId);
        hints.Pass();
        Assert.Equal([false], hint.Known([before]));
        var after = hints.NewItem("github", Delivery.NewId());

        hint.Remember([before, after]);

        await Hints.KnowsAsync(hint, [before, after], false, true);
    }

    [Theory]
    [InlineData("Redis")]
    [InlineData("Memory")]
    public async Task While_the_database_does_not_tell_its_timeline_nothing_is_known_and_that_is_one_line(string provider)
    {
        using var measured = new Measurements();
        await using var redis = await ConnectAsync();
        await using var hints = await Hints.CreateAsync(stack);
        var hint = hints.Of(provider, redis);
        IntakeItem[] items = [hints.NewItem("github", Delivery.NewId())];
        hint.Remember(items);
        await Hints.KnowsAsync(hint, items, true);

        await Sql.ExecuteAsync(hints.Database, "alter table webhooks.ledger rename to hidden");
        for (var second = 0; second < 3; second++)
        {
            hints.Pass();
            Assert.Equal([false], hint.Known(items));
            hint.Remember(items);
        }

        Assert.Single(hints.Log.Of(2113));
        Assert.Equal(3, measured.Mine("webhook.idempotency.failures").Count(one => one.Has("reason", "database")));
        await Sql.ExecuteAsync(hints.Database, "alter table webhooks.hidden rename to ledger");
        hints.Pass();
        await Hints.KnowsAsync(hint, items, true);
        Assert.Single(hints.Log.Of(2114));
    }

    private async Task<ServiceHost<SourceCatalog>> ReceiverAsync(string database, string provider) =>
        await Services.ReceiverAsync(database, await stack.RedisAsync(), ("Webhooks:Idempotency:Provider", provider));

    private async Task<ConnectionMultiplexer> ConnectAsync() =>
        await ConnectionMultiplexer.ConnectAsync(await stack.RedisAsync());

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, string id) =>
        (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, id))).Status;

    private static Task IsAnsweredAsync(HttpClient client, string id, HttpStatusCode status) =>
        Eventually.HoldsAsync($"the answer is {status}", async () => await PostAsync(client, id) == status);

    // Without its row the database would take it as new.
    private static Task IsKnownByTheHintAloneAsync(HttpClient client, string database, string id) =>
        Eventually.HoldsAsync("the hint knows it", async () =>
        {
            await IsAnsweredAsync(client, id, HttpStatusCode.OK);
            await Sql.ExecuteAsync(database, $"delete from webhooks.inbound_events where delivery_id = '{id}'");
            return await PostAsync(client, id) == HttpStatusCode.OK;
        });

    private static Task<long> EventsAsync(string database, string id) =>
        Sql.CountAsync(database, $"webhooks.inbound_events where delivery_id = '{id}'");
}
