using Aspire.Webhooks.Receiver.Intake;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>What an event is expected to wait, of which admission depends. Times are milliseconds.</summary>
public sealed class CommitPaceTests
{
    private const int BatchSize = 100;

    [Theory]
    [InlineData(20, 0, 0, 0, 0)]
    [InlineData(20, 1, 0, 0, 20)]
    [InlineData(20, 1, 99, 0, 20)]
    [InlineData(20, 1, 100, 0, 40)]
    [InlineData(20, 1, 1000, 0, 220)]
    [InlineData(20, 2, 1000, 10, 220)]
    [InlineData(20, 1, 0, 5000, 20)]
    [InlineData(20, 2, 0, 5000, 5000)]
    [InlineData(20, 2, 200, 5000, 5040)]
    [InlineData(0, 1, 5000, 0, 0)]
    public void The_wait_is_that_of_the_batches_before_and_longer_only_while_every_writer_hangs(
        int mean, int underWay, int waiting, int sinceLast, int expected)
    {
        var pace = new CommitPace(Time(mean), underWay, Time(1000));

        Assert.Equal(Time(expected), pace.Wait(waiting, BatchSize, writers: 2, Time(1000 + sinceLast)));
    }

    [Fact]
    public void The_pace_is_that_of_ends_so_that_writers_at_once_count_as_what_they_achieve_together()
    {
        var pace = new CommitPace(TimeSpan.Zero, 0, TimeSpan.Zero).Started(Time(0)).Started(Time(10));
        for (var end = 20; end <= 2000; end += 10)
        {
            pace = pace.Ended(Time(end), Time(1000)).Started(Time(end));
        }

        Assert.InRange(pace.Mean, Time(10), Time(11));
    }

    [Fact]
    public void Time_without_commits_is_no_part_of_the_pace()
    {
        var pace = new CommitPace(TimeSpan.Zero, 0, TimeSpan.Zero).Started(Time(0)).Ended(Time(20), Time(1000));

        Assert.Equal(Time(20), pace.Started(Time(60_000)).Ended(Time(60_020), Time(1000)).Mean);
    }

    [Fact]
    public void A_long_stall_keeps_nobody_out_when_it_is_over()
    {
        var limit = Time(1000);
        var pace = new CommitPace(TimeSpan.Zero, 0, TimeSpan.Zero).Started(Time(0)).Ended(Time(20), limit).Started(Time(20));
        Assert.True(pace.Wait(0, BatchSize, writers: 1, Time(3000)) > limit);

        pace = pace.Ended(Time(60_000), limit);

        Assert.True(pace.Wait(BatchSize - 1, BatchSize, writers: 1, Time(60_000)) <= limit);
    }

    private static TimeSpan Time(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
