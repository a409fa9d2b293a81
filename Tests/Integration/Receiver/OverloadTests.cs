using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Chaos;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>What becomes of requests that cannot be answered in time. A lock stands for a database that is slow.</summary>
public sealed class OverloadTests(TestStack stack)
{
    private const string TableLock = "lock table webhooks.inbound_events in exclusive mode";

    private static readonly (string Key, string Value)[] Settings =
    [
        ("Webhooks:Intake:Writers", "1"),
        ("Webhooks:Intake:MaxWait", "00:00:02"),
        ("Webhooks:Intake:CommitTimeout", "00:01:00"),
        ("Webhooks:Intake:RetryAfter", "00:00:07"),
    ];

    private readonly RecordedLog _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_commits_hang_all_are_refused_and_nothing_refused_is_committed_afterwards()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await StartAsync(database);
        using var client = receiver.NewClient();
        await using var held = await HeldLock.TakeAsync(database, TableLock);
        var first = client.PostAsync(SignedRequest.GitHub(Delivery.Body, "first"));
        await held.HoldsAsync(1);

        var answers = await client.PostAllAsync(Refused(100));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status));
        Assert.All(answers, answer => Assert.Equal(TimeSpan.FromSeconds(7), answer.RetryAfter));
        Assert.All(answers, answer => Assert.Equal("application/problem+json", answer.ContentType));
        Assert.False(first.IsCompleted);
        await held.ReleaseAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await first).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "after"))).Status);
        var stored = await Sql.ScalarAsync<string[]>(database, "select array_agg(delivery_id) from webhooks.inbound_events");
        Assert.Equal(["after", "first"], stored!.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task An_overload_is_a_line_at_its_start_and_one_at_its_end_and_its_refusals_are_no_rows()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await StartAsync(database);
        using var client = receiver.NewClient();
        await using (var held = await HeldLock.TakeAsync(database, TableLock))
        {
            var first = client.PostAsync(SignedRequest.GitHub(Delivery.Body, "first"));
            await held.HoldsAsync(1);
            await client.PostAllAsync(Refused(50));
            await held.ReleaseAsync();
            await first;
        }

        await Eventually.HoldsAsync("the end is told", () => Task.FromResult(_log.Of(2122).Any()));
        Assert.Single(_log.Of(2121));
        Assert.Equal("Requests are answered in time again; 50 were answered 503.", Assert.Single(_log.Of(2122)).Text);
        Assert.Empty(_log.Of(2203));

        // A refusal of another kind comes after them: theirs would be there by then.
        await client.PostAsync(SignedRequest.GitHub(Delivery.Body, secret: "another-secret-altogether"));
        await Eventually.HoldsAsync("the forgery is remembered", async () =>
            await Sql.CountAsync(database, "webhooks.rejected_requests") > 0);
        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.rejected_requests"));
    }

    [Fact]
    public async Task While_it_refuses_the_intake_asks_the_pumps_of_its_database_to_yield()
    {
        var database = await stack.NewDatabaseAsync();
        var redis = await ConnectionMultiplexer.ConnectAsync(await stack.RedisAsync());
        await using var closing = redis;
        var asked = new TaskCompletionSource();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await redis.GetSubscriber().SubscribeAsync(
            RedisChannel.Literal($"webhooks:jobs:yield:{name}"), (_, _) => asked.TrySetResult());
        await using var receiver = await StartAsync(database);
        using var client = receiver.NewClient();
        await using var held = await HeldLock.TakeAsync(database, TableLock);
        var first = client.PostAsync(SignedRequest.GitHub(Delivery.Body, "first"));
        await held.HoldsAsync(1);
        Assert.False(asked.Task.IsCompleted);

        await client.PostAllAsync(Refused(10));

        await asked.Task.WaitAsync(Cancellation);
        await held.ReleaseAsync();
        await first;
    }

    [Fact]
    public async Task An_event_whose_sender_has_gone_is_not_committed_and_not_a_refusal()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await StartAsync(database, ("Webhooks:Intake:MaxWait", "00:01:00"));
        using var client = receiver.NewClient();
        var queue = receiver.Services.GetRequiredService<IntakeQueue>();
        await using var held = await HeldLock.TakeAsync(database, TableLock);
        var first = client.PostAsync(SignedRequest.GitHub(Delivery.Body, "first"));
        await held.HoldsAsync(1);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var leaving = client.SendAsync(SignedRequest.GitHub(Delivery.Body, "gone"), patience.Token);
        await Eventually.HoldsAsync("it waits", () => Task.FromResult(queue.Waiting == 1));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await Eventually.HoldsAsync("it has left the line", () => Task.FromResult(queue.Waiting == 0));
        await held.ReleaseAsync();

        Assert.Equal(HttpStatusCode.Accepted, (await first).Status);
        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.inbound_events"));
        Assert.Empty(_log.Of(2203));
        Assert.Empty(_log.Of(2121));
    }

    [Fact]
    public async Task The_body_of_a_request_that_is_refused_unread_is_not_taken_for_the_next_request()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await StartAsync(database);
        using var client = receiver.NewClient();
        await using var held = await HeldLock.TakeAsync(database, TableLock);
        var first = client.PostAsync(SignedRequest.GitHub(Delivery.Body, "first"));
        await held.HoldsAsync(1);
        var queue = receiver.Services.GetRequiredService<IntakeQueue>();
        await Eventually.HoldsAsync("nobody is let in", () => Task.FromResult(!queue.Admits(TimeSpan.Zero)));

        const string Smuggled = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, receiver.Address.Port, Cancellation);
        var requests = $"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Smuggled.Length}\r\n\r\n{Smuggled}"
            + "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(requests), Cancellation);
        using var reader = new StreamReader(connection.GetStream());
        var answers = await reader.ReadToEndAsync(Cancellation);

        Assert.StartsWith("HTTP/1.1 503 ", answers, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 404 ", answers, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200 ", answers, StringComparison.Ordinal);
        await held.ReleaseAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await first).Status);
    }

    [Fact]
    public async Task An_outage_of_Postgres_is_one_line_with_a_stack_trace_and_one_at_its_end()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await StartAsync(database, ("Webhooks:Intake:MaxWait", "00:01:00"));
        using var client = receiver.NewClient();
        await Sql.ExecuteAsync(database, "alter table webhooks.jobs add constraint refuse check (kind <> 'event')");

        for (var number = 0; number < 10; number++)
        {
            var answer = await client.PostAsync(SignedRequest.GitHub(Delivery.Body, $"{number}"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        }

        await Sql.ExecuteAsync(database, "alter table webhooks.jobs drop constraint refuse");
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "after"))).Status);

        Assert.NotNull(Assert.Single(_log.Of(2101)).Exception);
        await Eventually.HoldsAsync("the end is told", () => Task.FromResult(_log.Of(2102).Any()));
        Assert.Null(Assert.Single(_log.Of(2102)).Exception);
        Assert.Empty(_log.Of(2121));
    }

    [Fact]
    public async Task An_event_that_the_database_refuses_costs_no_other_event_of_its_batch_the_answer()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await StartAsync(database, ("Webhooks:Intake:MaxWait", "00:01:00"));
        using var client = receiver.NewClient();
        var queue = receiver.Services.GetRequiredService<IntakeQueue>();
        await Sql.ExecuteAsync(
            database, "alter table webhooks.inbound_events add constraint refuse check (delivery_id not like 'poison%')");
        await using var held = await HeldLock.TakeAsync(database, TableLock);
        var first = client.PostAsync(SignedRequest.GitHub(Delivery.Body, "first"));
        await held.HoldsAsync(1);
        string[] names = ["a", "poison-1", "b", "first", "c", "poison-2", "d"];
        var answers = names.Select(name => client.PostAsync(SignedRequest.GitHub(Delivery.Body, name))).ToArray();
        await Eventually.HoldsAsync("they wait for one commit", () => Task.FromResult(queue.Waiting == names.Length));
        await held.ReleaseAsync();

        Assert.Equal(HttpStatusCode.Accepted, (await first).Status);
        HttpStatusCode[] expected =
            [HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Accepted, HttpStatusCode.OK,
                HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Accepted];
        Assert.Equal(expected, (await Task.WhenAll(answers)).Select(answer => answer.Status));
        Assert.Equal(5, await Sql.CountAsync(database, "webhooks.inbound_events"));
        Assert.Equal(5, await Sql.CountAsync(database, "webhooks.jobs"));
        Assert.Equal(2, _log.Of(2103).Count());
        Assert.Empty(_log.Of(2101));
    }

    private static IEnumerable<HttpRequestMessage> Refused(int count) =>
        Enumerable.Range(0, count).Select(number => SignedRequest.GitHub(Delivery.Body, $"refused-{number}"));

    private async Task<ServiceHost<SourceCatalog>> StartAsync(string database, params (string Key, string Value)[] settings) =>
        await Services.ReceiverAsync(
            database,
            await stack.RedisAsync(),
            services => services.AddSingleton<ILoggerProvider>(_log),
            [.. Settings, .. settings]);
}
