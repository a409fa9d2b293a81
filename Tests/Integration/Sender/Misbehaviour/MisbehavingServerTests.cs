using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>
/// A merchant's HTTPS server in whatever state: each attempt ends in its category, in its time, with its next attempt.
/// </summary>
public sealed class MisbehavingServerTests(Certificates certificates) : IClassFixture<Certificates>
{
    // What is kept, what of it may be a credential, a record of TLS, and the longest headers that are read.
    private const int Most = 128 * 1024;

    private static readonly Dictionary<string, Row> Rows = ((Row[])[.. TimeRows.All, .. AnswerRows.All])
        .ToDictionary(row => row.Name, StringComparer.Ordinal);

    private readonly FakeTimeProvider _clock = new(AnswerRows.Start);

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_attempt_ends_in_its_category_and_its_time_and_is_followed_by_the_right_one(string name)
    {
        var row = Rows[name];
        await using var server = new MisbehavingServer(row.Script, certificates.Of(row.Certificate), _clock);

        var result = await AttemptAsync(server);

        Assert.Equal(
            (row.Outcome, row.Status, TimeSpan.FromSeconds(row.Seconds)), (result.Outcome, result.StatusCode, result.Duration));
        Assert.Equal(row.Body, result.ResponseBody);
        Assert.Equal(row.RetryAfter, result.RetryAfter);
        Assert.Equal(row.Outcome == AttemptOutcome.Delivered, result.Error is null);
        Assert.Contains(row.Error, result.Error ?? "", StringComparison.Ordinal);
        Assert.Equal(1, server.Connections);
        Assert.InRange(server.Client.Read, 0, Most);

        var next = DeliveryRetry.After(result, 0, RetrySchedule.Default, TimeSpan.FromHours(1), random: 0.5);
        Assert.Equal(row.Next, next.State == "pending" ? next.Delay.TotalSeconds : null);
        Assert.Equal(row.Outcome == AttemptOutcome.Delivered, next.State == "done");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed_and_nothing_connects_to_where_it_leads(int status)
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        await using var server = new MisbehavingServer(async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync(
                $"HTTP/1.1 {status} Elsewhere\r\nLocation: "
                    + $"https://127.0.0.1:{((IPEndPoint)elsewhere.LocalEndpoint).Port}/\r\nContent-Length: 0\r\n\r\n");
        }, certificates.Of(Certificate.Good), _clock);

        Assert.Equal(
            (AttemptOutcome.HttpStatus, status),
            await AttemptAsync(server) is var result ? (result.Outcome, result.StatusCode!.Value) : default);

        Assert.False(elsewhere.Pending());
        Assert.Equal(1, server.Connections);
    }

    // One server's answer must never be taken for that to the next delivery.
    [Fact]
    public async Task What_a_server_says_beyond_its_answer_is_no_answer_to_the_next_delivery()
    {
        await using var server = new MisbehavingServer(async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync(wire.Number == 1
                ? "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                : "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
        }, certificates.Of(Certificate.Good), _clock);
        using var client = Delivery.Client(Delivery.Guard(_clock, certificates.Trusted, server.Client), _clock);

        Assert.Equal(500, (await Delivery.SendAsync(client, Url(server))).StatusCode);
        Assert.Equal(503, (await Delivery.SendAsync(client, Url(server))).StatusCode);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task A_certificate_counts_for_the_name_in_the_URL(string host)
    {
        await using var server = new MisbehavingServer(OkAsync, certificates.Of(Certificate.Good), _clock);
        using var client = Delivery.Client(Delivery.Guard(_clock, certificates.Trusted, server.Client), _clock);

        Assert.Equal(
            AttemptOutcome.Delivered, (await Delivery.SendAsync(client, new Uri($"https://{host}:{server.Port}/"))).Outcome);
    }

    [Fact]
    public async Task A_missing_issuer_is_not_fetched_from_where_the_certificate_says_that_it_is()
    {
        using var issuers = new TcpListener(IPAddress.Loopback, 0);
        issuers.Start();
        using var intermediate = certificates.Known.Intermediate();
        using var leaf = intermediate.Issue(
            ["127.0.0.1"], issuerUrl: $"http://127.0.0.1:{((IPEndPoint)issuers.LocalEndpoint).Port}/ca.crt");
        await using var server = new MisbehavingServer(wire => wire.NothingAsync(), leaf, _clock);

        Assert.Equal(AttemptOutcome.Tls, (await AttemptAsync(server)).Outcome);
        Assert.False(issuers.Pending());
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_a_network_failure()
    {
        var guard = Delivery.Guard(
            _clock, "", new(), resolve: (_, _) => throw new SocketException((int)SocketError.HostNotFound));

        Assert.Equal(AttemptOutcome.Network, (await AttemptAsync(guard, "https://hooks.example/")).Outcome);
    }

    [Fact]
    public async Task A_resolver_that_does_not_answer_is_a_timeout_of_the_connection()
    {
        var guard = Delivery.Guard(_clock, "", new(), resolve: async (_, token) =>
        {
            var waiting = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            _clock.Advance(TimeSpan.FromSeconds(5));
            await waiting;
            return [];
        });

        var result = await AttemptAsync(guard, "https://hooks.example/");

        Assert.Equal(
            (AttemptOutcome.Timeout, "No connection within 5 s.", 5),
            (result.Outcome, result.Error, (int)result.Duration.TotalSeconds));
    }

    [Fact]
    public async Task An_address_that_swallows_everything_is_a_timeout_of_the_connection()
    {
        var guard = Delivery.Guard(
            _clock, "", new(), resolve: (_, _) =>
                Task.FromResult<IPAddress[]>([IPAddress.Parse("8.8.8.8")]), connect: async (_, token) =>
        {
            var waiting = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            _clock.Advance(TimeSpan.FromSeconds(5));
            await waiting;
            return Stream.Null;
        });

        Assert.Equal(
            (AttemptOutcome.Timeout, 5),
            await AttemptAsync(guard, "https://hooks.example/") is var result ? (
            result.Outcome, (int)result.Duration.TotalSeconds) : default);
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("127.0.0.2")]
    public async Task An_address_that_swallows_everything_leaves_time_for_the_next_one(string first)
    {
        await using var server = new MisbehavingServer(OkAsync, certificates.Of(Certificate.Good), _clock);
        using var hole = await BlackHole.OpenAsync(new(IPAddress.Parse(first), server.Port));
        var guard = Delivery.Guard(
            _clock, certificates.Trusted, server.Client,
            resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(first), IPAddress.Loopback]),
            connect: async (endpoint, token) =>
            {
                var connecting = Egress.EgressGuard.OpenSocketAsync(endpoint, token);
                if (!endpoint.Address.Equals(IPAddress.Loopback))
                {
                    _clock.Advance(TimeSpan.FromMilliseconds(250));
                }

                return await connecting;
            });

        var result = await AttemptAsync(guard, $"https://localhost:{server.Port}/");

        Assert.Equal((AttemptOutcome.Delivered, TimeSpan.FromMilliseconds(250)), (result.Outcome, result.Duration));
    }

    [Fact]
    public async Task When_every_address_swallows_everything_it_is_a_timeout_of_the_connection()
    {
        using var hole = await BlackHole.OpenAsync(new(IPAddress.Loopback, 0));
        var guard = Delivery.Guard(
            _clock, "", new(), resolve: (_, _) => Task.FromResult<IPAddress[]>([.. Enumerable.Repeat(IPAddress.Loopback, 40)]),
            connect: async (endpoint, token) =>
            {
                var connecting = Egress.EgressGuard.OpenSocketAsync(endpoint, token);
                _clock.Advance(TimeSpan.FromMilliseconds(250));
                return await connecting;
            });

        var result = await AttemptAsync(guard, $"https://localhost:{hole.Port}/");

        Assert.Equal((AttemptOutcome.Timeout, TimeSpan.FromSeconds(5)), (result.Outcome, result.Duration));
    }

    [Fact]
    public async Task An_address_that_refuses_leaves_time_for_the_next_one()
    {
        await using var server = new MisbehavingServer(OkAsync, certificates.Of(Certificate.Good), _clock);
        var guard = Delivery.Guard(
            _clock, certificates.Trusted, server.Client,
            resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]));

        var result = await AttemptAsync(guard, $"https://localhost:{server.Port}/");

        Assert.Equal((AttemptOutcome.Delivered, TimeSpan.Zero), (result.Outcome, result.Duration));
    }

    [Fact]
    public async Task Waiting_for_a_turn_to_resolve_counts_towards_the_timeout_of_the_connection()
    {
        using var ended = new ManualResetEventSlim();
        var resolver = new Egress.NameResolver(_ =>
        {
            ended.Wait(TestContext.Current.CancellationToken);
            return [];
        }, maxThreads: 1);
        var other = resolver.ResolveAsync("other.example", TestContext.Current.CancellationToken);
        var guard = Delivery.Guard(_clock, "", new(), resolve: (host, token) =>
        {
            var waiting = resolver.ResolveAsync(host, token);
            _clock.Advance(TimeSpan.FromSeconds(5));
            return waiting;
        });

        var result = await AttemptAsync(guard, "https://hooks.example/");

        Assert.Equal(
            (AttemptOutcome.Timeout, "No connection within 5 s.", TimeSpan.FromSeconds(5)),
            (result.Outcome, result.Error, result.Duration));
        ended.Set();
        Assert.Empty(await other);
    }

    // An answer of 1 MiB would be read to its end by default, to use the connection again.
    [Fact]
    public async Task What_is_left_of_an_answer_is_not_read()
    {
        const int Kept = 16 * 1024, Left = 128 * 1024;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new MisbehavingServer(async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync($"HTTP/1.1 500 No\r\nContent-Length: {Kept + Left}\r\n\r\n{new string('a', Kept)}");
            await ended.Task;
            await wire.SayAsync(new string('a', Left));
            await wire.NothingAsync();
        }, certificates.Of(Certificate.Good), _clock);
        await using (server)
        {
            Assert.Equal(AttemptOutcome.HttpStatus, (await AttemptAsync(server)).Outcome);
            ended.SetResult();
        }

        Assert.InRange(server.Client.Read, 0, Left);
    }

    [Fact]
    public async Task A_name_that_leads_into_our_network_is_refused_at_once()
    {
        var guard = Delivery.Guard(_clock, "", new());

        var result = await AttemptAsync(guard, "https://hooks.example/");

        Assert.Equal((AttemptOutcome.Refused, TimeSpan.Zero), (result.Outcome, result.Duration));
    }

    private static async Task OkAsync(Wire wire)
    {
        await wire.RequestAsync();
        await wire.SayAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }

    private static Uri Url(MisbehavingServer server) => new($"https://127.0.0.1:{server.Port}/");

    private async Task<AttemptResult> AttemptAsync(MisbehavingServer server)
    {
        using var client = Delivery.Client(Delivery.Guard(_clock, certificates.Trusted, server.Client), _clock);
        return await Delivery.SendAsync(client, Url(server));
    }

    private async Task<AttemptResult> AttemptAsync(Egress.EgressGuard guard, string url)
    {
        using var client = Delivery.Client(guard, _clock);
        return await Delivery.SendAsync(client, new Uri(url));
    }
}
