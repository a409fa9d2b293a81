using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Tests.Unit.Queue;

public sealed class JobLimitTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 5)]
    [InlineData(8, 8)]
    [InlineData(16, 8)]
    [InlineData(64, 16)]
    [InlineData(1024, 256)]
    public void It_begins_with_a_quarter_and_not_less_than_eight(int ceiling, int start) =>
        Assert.Equal(start, new JobLimit(ceiling).Value);

    [Fact]
    public void It_grows_to_its_ceiling_while_more_jobs_end_for_it()
    {
        var limit = new JobLimit(64);
        for (var interval = 0; interval < 20; interval++)
        {
            limit.Sample(limit.Value * 10, isShort: true);
        }

        Assert.Equal(64, limit.Value);
    }

    [Fact]
    public void It_goes_back_when_no_more_jobs_end_for_it_and_rests()
    {
        var limit = new JobLimit(64);
        Assert.True(limit.Sample(1000, isShort: true));
        Assert.Equal(24, limit.Value);

        Assert.False(limit.Sample(1040, isShort: true));

        Assert.Equal(16, limit.Value);
        Assert.False(limit.Sample(1000, isShort: true));
        Assert.Equal(16, limit.Value);
    }

    [Fact]
    public void It_grows_where_all_hang()
    {
        var limit = new JobLimit(64);
        for (var interval = 0; interval < 20; interval++)
        {
            limit.Sample(0, isShort: true);
        }

        Assert.Equal(64, limit.Value);
    }

    [Fact]
    public void It_stays_where_places_are_free()
    {
        var limit = new JobLimit(64);
        for (var interval = 0; interval < 100; interval++)
        {
            Assert.False(limit.Sample(interval, isShort: false));
        }

        Assert.Equal(16, limit.Value);
    }
}
