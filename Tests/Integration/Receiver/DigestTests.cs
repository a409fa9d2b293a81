using System.Net;
using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>Deliveries without an id, which are known by the digest of their bodies for a time.</summary>
public sealed class DigestTests(TestStack stack)
{
    private const string Digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    private static readonly TimeSpan Window = TimeSpan.FromHours(8);
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 7, 59, 0, TimeSpan.Zero);

    // The first minute is the last of a numbered window, so that windows end between the times.
    [Theory]
    [InlineData("00:00:00", 1)]
    [InlineData("00:00:00 00:00:01 00:02:00 07:59:59", 1)]
    [InlineData("00:00:00 08:00:00", 2)]
    [InlineData("00:00:00 08:00:00 08:00:01 15:59:59 16:00:00 23:00:00 1.00:00:00", 4)]
    [InlineData("00:00:00 10:00:00 17:59:59 18:00:00 26:00:00", 4)]
    public async Task The_same_body_is_an_event_again_after_the_window_and_a_duplicate_within(string times, int events)
    {
        await using var opened = await OpenStoreAsync();
        var stored = 0;
        DateTimeOffset? last = null;
        foreach (var after in times.Split(' ').Select(text => TimeSpan.Parse(text.Replace("26:", "1.02:", StringComparison.Ordinal))))
        {
            var result = Assert.Single(opened.Store.Insert([Item(Start + after, Window)]));
            var isNew = last is null || Start + after - last >= Window;

            Assert.Equal(isNew ? IntakeResult.Accepted : IntakeResult.Duplicate, result);
            last = isNew ? Start + after : last;
            stored += isNew ? 1 : 0;
        }

        Assert.Equal(events, stored);
        Assert.Equal(events, await Sql.CountAsync(opened.Database, "webhooks.inbound_events"));
        Assert.Equal(events, await Sql.CountAsync(opened.Database, "webhooks.jobs"));
    }

    [Fact]
    public async Task In_one_batch_a_body_is_one_event_and_an_id_of_the_sender_s_counts_for_ever()
    {
        await using var opened = await OpenStoreAsync();
        opened.Store.Insert([Item(Start, Window), Item(Start, null, "sender-s-id")]);

        var late = Start + TimeSpan.FromDays(300);
        var results = opened.Store.Insert(
            [Item(late, Window), Item(late, null, "sender-s-id"), Item(late, Window), Item(late, null, "another"), Item(Start, Window)]);

        Assert.Equal(
            [
                IntakeResult.Accepted, IntakeResult.Duplicate, IntakeResult.Duplicate, IntakeResult.Accepted,
                IntakeResult.Duplicate,
            ],
            results);
    }

    [Fact]
    public async Task At_once_a_body_whose_window_has_ended_is_one_event()
    {
        await using var opened = await OpenStoreAsync();
        opened.Store.Insert([Item(Start, Window)]);

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Task.Run(() => opened.Store.Insert([Item(Start + 2 * Window, Window)])[0])));

        Assert.Single(results, result => result == IntakeResult.Accepted);
    }

    [Fact]
    public async Task A_retry_that_is_signed_again_is_a_duplicate_and_no_hint_remembers_it()
    {
        using var redis = new RedisDatabase(await stack.RedisAsync());
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(
            database, redis.ConnectionString, ("Webhooks:Sources:agent:DeduplicationWindow", "01:00:00"));
        using var client = receiver.NewClient();
        var body = Encoding.UTF8.GetBytes("""{"event":"tick"}""");
        var now = TimeProvider.System.GetUtcNow();

        var answers = new List<string>();
        foreach (var seconds in (int[])[-60, 0, 60])
        {
            answers.Add((await client.PostAsync(Delivery.Signed("agent", "unused", body, now.AddSeconds(seconds)))).Body);
        }

        Assert.Equal(
            ["""{"status":"accepted"}""", """{"status":"duplicate-ignored"}""", """{"status":"duplicate-ignored"}"""], answers);
        await Sql.ExecuteAsync(database, "update webhooks.inbound_events set received_at = received_at - interval '1 hour'");
        Assert.Equal(
            """{"status":"accepted"}""", (await client.PostAsync(Delivery.Signed("agent", "unused", body))).Body);
        Assert.Empty(redis.Keys());
    }

    [Fact]
    public async Task GitHub_s_push_of_more_than_a_MiB_is_accepted()
    {
        await using var receiver = await Services.ReceiverAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync());
        using var client = receiver.NewClient();
        var push = $$"""{"ref":"refs/heads/main","commits":"{{new string('x', 1_153_434)}}"}""";

        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(push))).Status);
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge,
            (await client.PostAsync(Delivery.Signed("stripe", "unused", Encoding.UTF8.GetBytes(push)))).Status);
    }

    private static IntakeItem Item(DateTimeOffset at, TimeSpan? window, string id = Digest) => new(
        new()
        {
            Id = Guid.CreateVersion7(at), Source = "own", DeliveryId = id, EventType = "x", ReceivedAt = at, Headers = "{}",
            ContentType = "application/json", Body = [],
        })
    {
        Window = window,
    };

    private async Task<OpenStore> OpenStoreAsync()
    {
        var database = await stack.NewDatabaseAsync();
        var source = NpgsqlDataSource.Create(database);
        return new(database, source, new IdempotentStore(source, Options.Create(new IntakeOptions())));
    }

    private sealed record OpenStore(string Database, NpgsqlDataSource Source, IdempotentStore Store) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Source.DisposeAsync();
    }
}
