using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Unit.Sender;

public sealed class EndpointPaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_seconds_worth_may_go_at_once_and_then_one_per_interval(int rate)
    {
        var pace = new EndpointPace(_time);

        Assert.All(Enumerable.Range(0, rate), _ => Assert.Null(pace.Take("a", rate)));
        var wait = pace.Take("a", rate);
        Assert.NotNull(wait);
        Assert.InRange(wait.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1.0 / rate));
        _time.Advance(wait.Value);

        Assert.Null(pace.Take("a", rate));
        Assert.NotNull(pace.Take("a", rate));
    }

    [Fact]
    public void Over_a_minute_of_asking_all_the_time_no_more_go_than_the_rate_allows()
    {
        var pace = new EndpointPace(_time);
        var taken = 0;
        for (var tick = 0; tick < 60_000; tick++)
        {
            taken += pace.Take("a", 10) is null ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(taken, 600, 610);
    }

    [Fact]
    public void What_is_free_is_told_of_limited_endpoints_alone_and_grows_with_time()
    {
        var pace = new EndpointPace(_time);
        Assert.Null(pace.Free("a"));

        for (var at = 0; at < 4; at++)
        {
            pace.Take("a", 4);
        }

        Assert.Equal(0, pace.Free("a"));
        _time.Advance(TimeSpan.FromMilliseconds(600));
        Assert.Equal(2, pace.Free("a"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(4, pace.Free("a"));
    }

    [Fact]
    public void An_endpoint_that_had_no_attempt_for_ten_seconds_is_left_out()
    {
        var pace = new EndpointPace(_time);
        pace.Take("a", 4);

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(4, pace.Free("a"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(pace.Free("a"));
    }

    [Fact]
    public void Endpoints_that_had_no_attempt_for_ten_seconds_are_removed_when_another_comes()
    {
        var pace = new EndpointPace(_time);
        for (var number = 0; number < 1000; number++)
        {
            pace.Take($"idle-{number}", 1);
        }

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(pace.Take("busy", 1));
        Assert.Equal(1001, pace.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(pace.Take("new", 1));

        Assert.Equal(2, pace.Count);
        Assert.Equal(1, pace.Free("busy"));
        Assert.Null(pace.Take("idle-0", 1));
        Assert.NotNull(pace.Take("idle-0", 1));
    }

    [Fact]
    public void An_endpoint_whose_limit_is_lifted_is_forgotten()
    {
        var pace = new EndpointPace(_time);
        pace.Take("a", 1);
        Assert.NotNull(pace.Take("a", 1));

        pace.Forget("a");

        Assert.Null(pace.Free("a"));
        Assert.Null(pace.Take("a", 1));
    }
}
