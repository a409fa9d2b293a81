using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Tests.Unit.Jobs;

public sealed class RetryScheduleTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 10)]
    [InlineData(3, 60)]
    public void By_default_a_failed_attempt_is_repeated_after_1_10_and_60_seconds(int attempt, int seconds)
    {
        var outcome = RetrySchedule.Default.AfterFailure(attempt, "why");
        Assert.Equal(("pending", TimeSpan.FromSeconds(seconds), "why"), (outcome.State, outcome.Delay, outcome.Error));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void Then_the_job_is_buried(int attempt)
    {
        var outcome = RetrySchedule.Default.AfterFailure(attempt, "why");
        Assert.Equal(("buried", "why"), (outcome.State, outcome.Error));
        Assert.Equal(4, RetrySchedule.Default.MaxAttempts);
    }
}
