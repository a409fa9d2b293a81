using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Egress;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Unit.Egress;

/// <summary>Which address is tried when, on a controlled clock; what an attempt comes to is the test's to say.</summary>
public sealed class HappyEyeballsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentDictionary<string, Attempt> _attempts = new(StringComparer.Ordinal);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1.1.1", "1.1.1.1")]
    [InlineData("1.1.1.3,1.1.1.1,1.1.1.2", "1.1.1.3,1.1.1.1,1.1.1.2")]
    [InlineData("2606::1,1.1.1.1", "2606::1,1.1.1.1")]
    [InlineData("1.1.1.1,2606::1", "1.1.1.1,2606::1")]
    [InlineData("2606::2,2606::1,1.1.1.1,1.1.1.2", "2606::2,1.1.1.1,2606::1,1.1.1.2")]
    [InlineData("1.1.1.1,1.1.1.2,2606::1,2606::2", "1.1.1.1,2606::1,1.1.1.2,2606::2")]
    [InlineData("2606::1,2606::2,2606::3,1.1.1.1", "2606::1,1.1.1.1,2606::2,2606::3")]
    [InlineData("2606::1,1.1.1.1,1.1.1.2,1.1.1.3", "2606::1,1.1.1.1,1.1.1.2,1.1.1.3")]
    public void The_families_take_turns_beginning_with_the_resolvers_first(string resolved, string tried) =>
        Assert.Equal(tried, string.Join(',', HappyEyeballs.InOrder(resolved.Split(',').Select(IPAddress.Parse))));

    [Fact]
    public async Task The_next_address_is_tried_after_each_quarter_of_a_second()
    {
        var race = RaceAsync("2606::1", "1.1.1.1", "2606::2");

        _clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal(["2606::1"], _attempts.Keys);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await Of("1.1.1.1").StartedAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        await Of("2606::2").StartedAsync();

        string[] order = ["2606::1", "1.1.1.1", "2606::2"];
        Assert.Equal([0, 250, 500], order.Select(address => Of(address).At.TotalMilliseconds));
        Of("2606::2").Answer();
        Assert.Same(Of("2606::2").Stream, await race.WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task The_next_address_is_tried_at_once_when_an_attempt_has_failed()
    {
        var race = RaceAsync("2606::1", "1.1.1.1", "2606::2");

        Of("2606::1").Fail();
        await Of("1.1.1.1").StartedAsync();
        Of("1.1.1.1").Fail();
        await Of("2606::2").StartedAsync();
        Of("2606::2").Answer();

        Assert.Same(Of("2606::2").Stream, await race.WaitAsync(Limit, Cancellation));
        Assert.Equal([0, 0, 0], _attempts.Values.Select(attempt => attempt.At.TotalMilliseconds));
    }

    [Theory]
    [InlineData("2606::1", "1.1.1.1")]
    [InlineData("1.1.1.1", "2606::1")]
    public async Task The_first_that_connects_wins_and_the_other_is_cancelled_and_disposed(string winner, string loser)
    {
        var race = RaceAsync("2606::1", "1.1.1.1", "8.8.8.8");
        _clock.Advance(HappyEyeballs.AttemptDelay);
        await Of("1.1.1.1").StartedAsync();

        Of(winner).Answer();
        Assert.Same(Of(winner).Stream, await race.WaitAsync(Limit, Cancellation));

        Assert.True(Of(loser).IsCancelled);
        Of(loser).Answer();
        await Of(loser).Stream.Disposed.WaitAsync(Limit, Cancellation);
        Assert.False(Of(winner).Stream.Disposed.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(_attempts.ContainsKey("8.8.8.8"));
    }

    [Fact]
    public async Task An_attempt_goes_on_beside_those_that_fail()
    {
        var race = RaceAsync("2606::1", "1.1.1.1");
        _clock.Advance(HappyEyeballs.AttemptDelay);
        await Of("1.1.1.1").StartedAsync();

        Of("1.1.1.1").Fail();
        _clock.Advance(TimeSpan.FromMinutes(1));
        Of("2606::1").Answer();

        Assert.Same(Of("2606::1").Stream, await race.WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task When_all_have_failed_the_last_failure_is_told()
    {
        var race = RaceAsync("2606::1", "1.1.1.1");

        Of("2606::1").Fail(SocketError.ConnectionReset);
        await Of("1.1.1.1").StartedAsync();
        Of("1.1.1.1").Fail(SocketError.HostUnreachable);

        var failure = await Assert.ThrowsAsync<SocketException>(() => race.WaitAsync(Limit, Cancellation));
        Assert.Equal(SocketError.HostUnreachable, failure.SocketErrorCode);
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("1.1.1.1,8.8.8.8")]
    public async Task A_cancelled_race_ends_whatever_its_attempts_do_and_disposes_what_they_connect(string addresses)
    {
        using var cancelled = new CancellationTokenSource();
        var race = RaceAsync(cancelled.Token, addresses.Split(','));

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race.WaitAsync(Limit, Cancellation));
        Assert.Equal(["1.1.1.1"], _attempts.Keys);
        Assert.True(Of("1.1.1.1").IsCancelled);
        Of("1.1.1.1").Answer();
        await Of("1.1.1.1").Stream.Disposed.WaitAsync(Limit, Cancellation);
    }

    private Task<Stream> RaceAsync(params string[] addresses) => RaceAsync(Cancellation, addresses);

    private Task<Stream> RaceAsync(CancellationToken cancellationToken, params string[] addresses)
    {
        var start = _clock.GetUtcNow();
        return HappyEyeballs.ConnectAsync(
            [.. addresses.Select(IPAddress.Parse)], 443,
            (endpoint, token) => Of(endpoint.Address.ToString()).Start(_clock.GetUtcNow() - start, token),
            _clock, cancellationToken);
    }

    private Attempt Of(string address) => _attempts.GetOrAdd(address, _ => new());

    /// <summary>An attempt that heeds no cancellation.</summary>
    private sealed class Attempt
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<Stream> _connection = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private CancellationToken _cancellation;

        public TimeSpan At { get; private set; }

        public bool IsCancelled => _cancellation.IsCancellationRequested;

        public Connection Stream { get; } = new();

        public Task StartedAsync() => _started.Task.WaitAsync(Limit, Cancellation);

        public void Answer() => _connection.SetResult(Stream);

        public void Fail(SocketError error = SocketError.ConnectionRefused) =>
            _connection.SetException(new SocketException((int)error));

        public Task<Stream> Start(TimeSpan at, CancellationToken cancellationToken)
        {
            (At, _cancellation) = (at, cancellationToken);
            _started.SetResult();
            return _connection.Task;
        }
    }

    private sealed class Connection : MemoryStream
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Disposed => _disposed.Task;

        protected override void Dispose(bool disposing)
        {
            _disposed.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
