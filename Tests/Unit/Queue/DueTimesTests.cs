using Aspire.Webhooks.Queue;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Unit.Queue;

public sealed class DueTimesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_lane_is_taken_once_when_its_time_has_come_and_not_before()
    {
        var times = new DueTimes(_time);
        times.Add("late", 2 * Second);
        times.Add("soon", Second);

        Assert.Empty(times.Take());
        _time.Advance(Second);
        Assert.Empty(times.Take());
        _time.Advance(times.Next!.Value);
        Assert.Equal(["soon"], times.Take());
        Assert.Empty(times.Take());
        _time.Advance(times.Next!.Value);
        Assert.Equal(["late"], times.Take());
        Assert.Null(times.Next);
    }

    [Fact]
    public void A_time_comes_at_most_a_few_milliseconds_after_the_delay()
    {
        var times = new DueTimes(_time);

        times.Add("lane", Second);

        Assert.InRange(times.Next!.Value, Second, Second + TimeSpan.FromMilliseconds(21));
    }

    [Fact]
    public void Only_the_earliest_time_wakes_the_pump()
    {
        var times = new DueTimes(_time);

        Assert.True(times.Add("a", 2 * Second));
        Assert.False(times.Add("b", 3 * Second));
        Assert.True(times.Add("c", Second));
        Assert.False(times.Add("c", Second));
    }
}
