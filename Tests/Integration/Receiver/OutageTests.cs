using System.Net;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class OutageTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_Postgres_every_delivery_is_asked_to_come_again_and_is_then_accepted()
    {
        var database = await stack.NewDatabaseAsync();
        using var redis = new RedisDatabase(await stack.RedisAsync());
        await using var relay = RelayTo(database);
        await using var receiver = await Services.ReceiverAsync(
            Services.ThroughPort(database, relay.Port), redis.ConnectionString);
        using var client = receiver.NewClient();
        await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "before"));

        relay.Cut();
        var during = await client.PostAllAsync(Requests(100));
        Assert.All(during, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status));
        Assert.All(during, answer => Assert.Equal(TimeSpan.FromSeconds(5), answer.RetryAfter));
        Assert.All(redis.Keys(), key => Assert.EndsWith(":before", key, StringComparison.Ordinal));

        relay.Restore();
        await Eventually.HoldsAsync("intake works again", async () =>
            (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "after"))).Status == HttpStatusCode.Accepted);
        var again = await client.PostAllAsync(Requests(100));
        Assert.All(again, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Equal(102, await Sql.CountAsync(database, "webhooks.jobs"));
    }

    [Fact]
    public async Task A_writer_that_fails_stops_the_intake_and_does_not_leave_the_work_to_the_others()
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(),
            services => services.AddSingleton<IDedupeHint>(new FailingHint()), ("Webhooks:Intake:Writers", "2"));
        using var client = receiver.NewClient();
        var writer = receiver.Services.GetRequiredService<IntakeWriter>();

        var answer = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "the-last"));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => writer.ExecuteTask!.WaitAsync(Eventually.Limit, Cancellation));
        Assert.Equal(FailingHint.Error, failure.Message);
    }

    [Fact]
    public async Task Postgres_lost_under_load_loses_nothing_that_was_accepted_and_doubles_nothing_that_is_sent_again()
    {
        var database = await stack.NewDatabaseAsync();
        await using var relay = RelayTo(database);
        await using var receiver = await Services.ReceiverAsync(
            Services.ThroughPort(database, relay.Port), await stack.RedisAsync());
        using var client = receiver.NewClient();
        var answered = 0;

        var answers = new Answer[600];
        await Parallel.ForAsync(0, answers.Length, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, _) =>
        {
            answers[number] = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, $"event-{number}"));
            if (Interlocked.Increment(ref answered) == 200)
            {
                relay.Cut();
            }
        });
        relay.Restore();

        var stored = await Sql.ScalarAsync<string[]>(database, "select array_agg(delivery_id) from webhooks.inbound_events");
        var accepted = Enumerable.Range(0, answers.Length).Where(number => answers[number].Status == HttpStatusCode.Accepted)
            .ToList();
        Assert.NotEmpty(accepted);
        Assert.Empty(accepted.Select(number => $"event-{number}").Except(stored!, StringComparer.Ordinal));
        Assert.All(answers, answer => Assert.True(
            answer.Status is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable, $"{answer.Status}"));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.ServiceUnavailable);

        await Eventually.HoldsAsync("intake works again", async () =>
            (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event-0"))).Status != HttpStatusCode.ServiceUnavailable);
        var again = await client.PostAllAsync(Requests(answers.Length));
        Assert.All(
            again, answer => Assert.True(answer.Status is HttpStatusCode.Accepted or HttpStatusCode.OK, $"{answer.Status}"));
        Assert.All(accepted, number => Assert.Equal(HttpStatusCode.OK, again[number].Status));
        Assert.Equal(600, await Sql.CountAsync(database, "webhooks.inbound_events"));
        Assert.Equal(600, await Sql.CountAsync(database, "webhooks.jobs"));
    }

    [Fact]
    public async Task Redis_lost_and_found_under_load_does_not_stop_intake()
    {
        var database = await stack.NewDatabaseAsync();
        var redis = await stack.RedisAsync();
        await using var relay = new Relay(Services.PortOfRedis(redis));
        await using var receiver = await Services.ReceiverAsync(database, Services.RedisThroughPort(redis, relay.Port));
        using var client = receiver.NewClient();

        var before = await client.PostAllAsync(Requests(100));
        relay.Cut();
        var during = await client.PostAllAsync(Requests(300));
        relay.Restore();
        var after = await client.PostAllAsync(Requests(500));

        Assert.All(before, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Equal(200, during.Count(answer => answer.Status == HttpStatusCode.Accepted));
        Assert.Equal(100, during.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(200, after.Count(answer => answer.Status == HttpStatusCode.Accepted));
        Assert.Equal(300, after.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(500, await Sql.CountAsync(database, "webhooks.jobs"));
    }

    [Theory]
    [InlineData("Webhooks:Intake:Capacity", "1")]
    [InlineData("Webhooks:Intake:CapacityBytes", "1048576")]
    public async Task A_full_line_is_answered_503_at_once_and_those_in_it_are_stored_when_Postgres_goes_on(
        string bound, string value)
    {
        // Of these, one is written and one fits into the line, in events or in bytes.
        var body = $$"""{"x":"{{new string('x', 500_000)}}"}""";
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(
            database,
            await stack.RedisAsync(),
            (bound, value),
            ("Webhooks:Intake:BatchSize", "1"),
            ("Webhooks:Intake:Writers", "1"),
            ("Webhooks:Intake:CommitTimeout", "00:01:00"),
            ("Webhooks:Intake:RetryAfter", "00:00:07"));
        using var client = receiver.NewClient();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Cancellation);

        var transaction = await connection.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(connection, "lock table webhooks.inbound_events in access exclusive mode");
        var writing = client.PostAsync(SignedRequest.GitHub(body, "writing"));
        await Eventually.HoldsAsync("the writer waits for the lock", async () =>
            await Sql.CountAsync(
                database,
                "pg_locks where not granted and database = (select oid from pg_database where datname = "
                + "current_database())") > 0);
        var line = Enumerable.Range(0, 20).Select(number => client.PostAsync(SignedRequest.GitHub(body, $"line-{number}")))
            .ToList();
        while (line.Count > 1)
        {
            var answered = await Task.WhenAny(line);
            line.Remove(answered);
            var answer = await answered;
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(7)), (answer.Status, answer.RetryAfter));
        }

        Assert.False(writing.IsCompleted);
        await transaction.DisposeAsync();

        Assert.Equal(HttpStatusCode.Accepted, (await writing).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await line[0]).Status);
        Assert.Equal(2, await Sql.CountAsync(database, "webhooks.jobs"));
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "after"))).Status);
    }

    [Fact]
    public async Task A_commit_that_takes_too_long_is_answered_503_and_leaves_no_row()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(
            database, await stack.RedisAsync(), ("Webhooks:Intake:CommitTimeout", "00:00:01"));
        using var client = receiver.NewClient();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Cancellation);

        var transaction = await connection.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(connection, "lock table webhooks.inbound_events in access exclusive mode");
        var during = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"));
        await transaction.DisposeAsync();
        var after = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, during.Status);
        Assert.Equal(HttpStatusCode.Accepted, after.Status);
        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.jobs"));
    }

    [Fact]
    public async Task A_receiver_that_starts_without_Postgres_answers_503_and_serves_when_it_comes()
    {
        var database = await stack.NewDatabaseAsync();
        await using var relay = RelayTo(database);
        relay.Cut();
        var redis = await stack.RedisAsync();
        var starting = Services.ReceiverAsync(Services.ThroughPort(database, relay.Port), redis);

        relay.Restore();
        await using var receiver = await starting;
        using var client = receiver.NewClient();

        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "event"))).Status);
    }

    private static Relay RelayTo(string database) => new(new NpgsqlConnectionStringBuilder(database).Port);

    private static IEnumerable<HttpRequestMessage> Requests(int count) =>
        Enumerable.Range(0, count).Select(number => SignedRequest.GitHub(Delivery.Body, $"event-{number}"));

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private sealed class FailingHint : IDedupeHint
    {
        public const string Error = "A hint must not throw.";

        public bool[] Known(IReadOnlyList<IntakeItem> items) => new bool[items.Count];

        public void Remember(IReadOnlyList<IntakeItem> items) => throw new InvalidOperationException(Error);
    }
}
