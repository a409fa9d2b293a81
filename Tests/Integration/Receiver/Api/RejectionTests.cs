using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

public sealed class RejectionTests(TestStack stack, SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string Marker = "written-by-the-sender";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, HttpRequestMessage> Refused => new()
    {
        { "github", "invalid_signature", SignedRequest.GitHub(Delivery.Body, secret: "another-secret-altogether") },
        { "github", "missing_header", SignedRequest.GitHub(Delivery.Body).With("X-Hub-Signature-256", "") },
        { "standard", "stale_timestamp",
            Delivery.Signed("standard", Delivery.NewId(), "{}"u8.ToArray(), DateTimeOffset.UnixEpoch) },
        { "standard", "invalid_timestamp", Delivery.Signed("standard", Delivery.NewId()).With("webhook-timestamp", Marker) },
        { "github", "invalid_body", Delivery.Signed("github", Delivery.NewId(), Encoding.UTF8.GetBytes($"{{{Marker}")) },
        { "github", "body_too_large", Delivery.Signed("github", Delivery.NewId(), new byte[30_000]) },
        { "unknown", "unknown_source", SignedRequest.GitHub(Delivery.Body, path: $"/webhooks/{Marker}") },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task A_rejected_request_is_listed_with_why_and_from_where_under_its_trace_id_and_never_with_its_bytes(
        string source, string reason, HttpRequestMessage request)
    {
        request.With("User-Agent", Marker).With("X-GitHub-Event", Marker);
        using (request)
        {
            using var answer = await receiver.Client.SendAsync(request, Cancellation);
            var trace = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).GetProperty("trace_id")
                .GetString();
            var listed = await FindAsync(receiver.Operator, $"source={source}&reason={reason}&remote_address=127.0.0.1", trace!);

            Assert.Equal(
                ["id", "source", "reason", "received_at", "remote_address", "trace_id"],
                listed.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
            Assert.Equal("127.0.0.1", listed.GetProperty("remote_address").GetString());
        }

        Assert.Equal(0, await Sql.CountAsync(receiver.Database, $"webhooks.rejected_requests r where r::text like '%{Marker}%'"));
    }

    [Fact]
    public async Task Each_filter_finds_what_is_meant_and_pages_follow_each_other()
    {
        var at = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var ids = new List<string>();
        foreach (
            var (source, reason, address) in new[] { ("a", "invalid_signature", "203.0.113.1"),
                ("a", "missing_header", "203.0.113.2"), ("b", "invalid_signature", "2001:db8::1") })
        {
            var id = Guid.CreateVersion7(at);
            await Sql.ExecuteAsync(receiver.Database, $"""
                insert into webhooks.rejected_requests (id, source, reason, received_at, remote_address)
                values ('{id}', '{source}', '{reason}', '{at:O}', '{address}')
                """);
            ids.Insert(0, id.ToString());
            at = at.AddSeconds(1);
        }

        await ExpectAsync("source=a", ids[1], ids[2]);
        await ExpectAsync("reason=invalid_signature", ids[0], ids[2]);
        await ExpectAsync("remote_address=203.0.113.2", ids[1]);
        await ExpectAsync("remote_address=2001:DB8:0::1", ids[0]);
        await ExpectAsync("remote_address=::ffff:203.0.113.1", ids[2]);
        await ExpectAsync("since=2020-01-01T00:00:01Z", ids[0], ids[1]);
        await ExpectAsync("until=2020-01-01T00:00:01Z", ids[2]);
        var first = await receiver.Operator.OkAsync("/rejections?until=2021-01-01T00:00:00Z&limit=2");
        var second = await receiver.Operator.OkAsync($"/rejections?until=2021-01-01T00:00:00Z&limit=2&cursor={first.Cursor()}");
        Assert.Equal(ids, first.Values("id").Concat(second.Values("id")), StringComparer.Ordinal);
        Assert.Null(second.Cursor());

        async Task ExpectAsync(string query, params string[] expected)
        {
            var until = query.StartsWith("until", StringComparison.Ordinal) ? "" : "&until=2021-01-01T00:00:00Z";
            Assert.Equal(
                expected, (await receiver.Operator.OkAsync($"/rejections?{query}{until}")).Values("id"), StringComparer.Ordinal);
        }
    }

    [Theory]
    [InlineData("remote_address=somewhere", "remote_address")]
    [InlineData("remote_address=", "remote_address")]
    [InlineData("reason=%00", "reason")]
    [InlineData("since=never", "since")]
    [InlineData("limit=0", "limit")]
    public async Task A_value_that_makes_no_sense_is_refused_under_its_name(string query, string field)
    {
        var (status, problem) = await receiver.Operator.CallAsync($"/rejections?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, field), (status, Assert.Single(problem.Fields())));
    }

    [Fact]
    public async Task What_is_too_old_or_too_much_is_forgotten()
    {
        var database = await stack.NewDatabaseAsync();
        var now = TimeProvider.System.GetUtcNow();
        var old = Guid.CreateVersion7(now.AddMinutes(-61));
        var young = Enumerable.Range(0, 150).Select(number => Guid.CreateVersion7(now.AddSeconds(-number))).ToList();
        foreach (var id in young.Append(old))
        {
            await Sql.ExecuteAsync(database, $"""
                insert into webhooks.rejected_requests (id, source, reason, received_at, remote_address) values ('{id}', 's', 'r', now(), 'a')
                """);
        }

        await using var service = await Stack.Services.ReceiverAsync(
            database, await stack.RedisAsync(), ("Webhooks:Rejections:Retention", "01:00:00"),
            ("Webhooks:Rejections:MaxRows", "100"));

        await Eventually.HoldsAsync(
            "100 are left", async () => await Sql.CountAsync(database, "webhooks.rejected_requests") == 100);
        using var client = service.NewClient().With(OperatorToken.Read);
        var listed = await client.OkAsync("/rejections?limit=200");
        Assert.Equal(young.Take(100).Select(id => id.ToString()), listed.Values("id"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Only_what_is_too_old_is_forgotten_while_there_is_room()
    {
        var database = await stack.NewDatabaseAsync();
        var now = TimeProvider.System.GetUtcNow();
        foreach (var id in new[] { Guid.CreateVersion7(now.AddMinutes(-61)), Guid.CreateVersion7(now.AddMinutes(-59)) })
        {
            await Sql.ExecuteAsync(database, $"""
                insert into webhooks.rejected_requests (id, source, reason, received_at, remote_address) values ('{id}', 's', 'r', now(), 'a')
                """);
        }

        await using var service = await Stack.Services.ReceiverAsync(
            database, await stack.RedisAsync(), ("Webhooks:Rejections:Retention", "01:00:00"));

        await Eventually.HoldsAsync("one is left", async () => await Sql.CountAsync(database, "webhooks.rejected_requests") == 1);
    }

    [Fact]
    public async Task A_flood_is_answered_as_always_and_what_does_not_fit_is_counted_while_intake_goes_on()
    {
        var dropped = 0L;
        using var meter = new MeterListener { InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "webhook.rejections_dropped")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        } };
        meter.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref dropped, count));
        meter.Start();
        await using var service = await Stack.Services.ReceiverAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync());
        using var client = service.NewClient();

        for (var round = 0; round < 30; round++)
        {
            var answers = await client.PostAllAsync(
                Enumerable.Range(0, 100).Select(_ => SignedRequest.GitHub(Delivery.Body, secret: "another-secret-altogether")));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        }

        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body))).Status);
        var log = new RejectionLog(TimeProvider.System);
        var before = Interlocked.Read(ref dropped);
        for (var number = 0; number < 5000; number++)
        {
            log.Record("github", "invalid_signature", IPAddress.Loopback, null);
        }

        Assert.Equal(1000, log.Reader.Count);
        Assert.InRange(Interlocked.Read(ref dropped) - before, 4000, long.MaxValue);
    }

    [Theory]
    [InlineData("Webhooks:Rejections:Retention", "00:00:01")]
    [InlineData("Webhooks:Rejections:MaxRows", "0")]
    public async Task A_setting_out_of_range_stops_the_start(string key, string value)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var service = await Stack.Services.ReceiverAsync(
                await stack.NewDatabaseAsync(), await stack.RedisAsync(), (key, value));
        });

        Assert.Contains(key.Split(':')[^1], exception.ToString(), StringComparison.Ordinal);
    }

    // Rows are written behind the answer.
    private static async Task<JsonElement> FindAsync(HttpClient client, string query, string trace)
    {
        JsonElement found = default;
        await Eventually.HoldsAsync("the rejected request is listed", async () =>
        {
            found = (await client.OkAsync($"/rejections?{query}")).GetProperty("data").EnumerateArray()
                .FirstOrDefault(item => item.GetProperty("trace_id").GetString() == trace);
            return found.ValueKind == JsonValueKind.Object;
        });
        return found;
    }
}
