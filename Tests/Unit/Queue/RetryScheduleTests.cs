using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Tests.Unit.Queue;

public sealed class RetryScheduleTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 10)]
    [InlineData(3, 60)]
    public void By_default_a_failed_attempt_is_repeated_after_1_10_and_60_seconds(int attempt, int seconds)
    {
        var outcome = RetrySchedule.Default.AfterFailure(After(attempt - 1), "why");
        Assert.Equal(("pending", TimeSpan.FromSeconds(seconds), "why"), (outcome.State, outcome.Delay, outcome.Error));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void Then_the_job_is_buried(int attempt)
    {
        var outcome = RetrySchedule.Default.AfterFailure(After(attempt - 1), "why");
        Assert.Equal(("buried", "why"), (outcome.State, outcome.Error));
        Assert.Equal(4, RetrySchedule.Default.MaxFailures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void A_job_may_start_twice_as_often_as_it_may_fail(int start) => Assert.Null(RetrySchedule.Default.AtStart(start));

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    public void A_job_that_never_ends_is_buried_with_the_number_of_its_starts(int start)
    {
        var outcome = RetrySchedule.Default.AtStart(start)!;
        Assert.Equal(
            ("buried", $"Given up after {start - 1} starts, the last of which never ended."), (outcome.State, outcome.Error));
    }

    [Theory]
    [InlineData(0, 30, 30)]
    [InlineData(2, 30, 60)]
    [InlineData(0, 0, 1)]
    [InlineData(0, -5, 1)]
    public void A_failure_can_ask_for_a_longer_wait_but_not_for_a_shorter(int failures, int asked, int seconds) => Assert.Equal(
        TimeSpan.FromSeconds(seconds),
        RetrySchedule.Default.AfterFailure(After(failures), "why", TimeSpan.FromSeconds(asked)).Delay);

    [Fact]
    public void A_failure_that_asks_for_a_wait_counts_all_the_same() =>
        Assert.Equal("buried", RetrySchedule.Default.AfterFailure(After(3), "why", TimeSpan.FromSeconds(30)).State);

    // A start that a crash cut short is no failure: the schedule does not go on for it.
    [Fact]
    public void The_schedule_goes_by_failures_and_not_by_starts() => Assert.Equal(
        TimeSpan.FromSeconds(1), RetrySchedule.Default.AfterFailure(After(0) with { Attempt = 4 }, "why").Delay);

    private static LeasedJob After(int failures) => new(1, Guid.Empty, failures + 1, Guid.Empty) { Failures = failures };
}
