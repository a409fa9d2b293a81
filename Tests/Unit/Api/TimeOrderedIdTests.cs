using Aspire.Webhooks.Api;

namespace Aspire.Webhooks.Tests.Unit.Api;

public sealed class TimeOrderedIdTests
{
    private static readonly DateTimeOffset Time = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    // A row's id is made before its time is taken, or after: up to a second apart, its time alone decides.
    [Theory]
    [InlineData(-999)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    public void A_row_of_that_time_is_within_both_bounds_though_its_id_was_made_a_moment_before_or_after(int milliseconds)
    {
        var id = Guid.CreateVersion7(Time.AddMilliseconds(milliseconds));

        Assert.True(id >= TimeOrderedId.Least(Time));
        Assert.True(id < TimeOrderedId.Greatest(Time));
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(86_400_000)]
    public void A_row_that_is_further_away_is_not_looked_at(int milliseconds)
    {
        Assert.True(Guid.CreateVersion7(Time.AddMilliseconds(-milliseconds)) < TimeOrderedId.Least(Time));
        Assert.True(Guid.CreateVersion7(Time.AddMilliseconds(milliseconds)) >= TimeOrderedId.Greatest(Time));
    }

    [Fact]
    public void The_first_and_the_last_time_there_is_are_bounds_too()
    {
        Assert.Equal(Guid.Empty, TimeOrderedId.Least(DateTimeOffset.MinValue));
        Assert.True(Guid.CreateVersion7(Time) < TimeOrderedId.Greatest(DateTimeOffset.MaxValue));
        Assert.Null(TimeOrderedId.Least(null));
        Assert.Null(TimeOrderedId.Greatest(null));
    }
}
