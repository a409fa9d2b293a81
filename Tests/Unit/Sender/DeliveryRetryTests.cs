using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Delivery;

namespace Aspire.Webhooks.Tests.Unit.Sender;

public sealed class DeliveryRetryTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static TheoryData<AttemptOutcome> Failures =>
        [AttemptOutcome.HttpStatus, AttemptOutcome.Timeout, AttemptOutcome.Network, AttemptOutcome.Tls, AttemptOutcome.Refused];

    [Fact]
    public void What_is_delivered_is_done() =>
        Assert.Equal("done", After(Result(AttemptOutcome.Delivered, 200, retryAfter: 60), 1).State);

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_is_retried_after_the_schedules_wait_until_the_last(AttemptOutcome outcome)
    {
        var result = Result(outcome, outcome == AttemptOutcome.HttpStatus ? 500 : null);

        Assert.Equal(
            [1, 10, 60],
            Enumerable.Range(1, 3).Select(attempt => After(result, attempt))
            .Select(next => next is { State: "pending", Error: "why" } ? next.Delay.TotalSeconds : -1));
        Assert.Equal(("buried", "why"), (After(result, 4).State, After(result, 4).Error));
    }

    [Fact]
    public void A_wait_is_never_more_than_a_fifth_off_and_uses_all_of_it()
    {
        var random = new Random(3);
        foreach (var schedule in Enum.GetValues<DeliverySchedule>().Select(builtIn => builtIn.ToRetrySchedule(null)))
        {
            foreach (var (at, delay) in schedule.Delays.Index())
            {
                var ratios = Enumerable.Range(0, 2_000)
                    .Select(_ => DeliveryRetry.After(
                        Result(AttemptOutcome.Network), at, schedule, Longest, random.NextDouble()).Delay / delay).ToList();

                Assert.All(ratios, ratio => Assert.InRange(ratio, 0.8, 1.2));
                Assert.True(ratios.Min() < 0.81 && ratios.Max() > 1.19, $"{ratios.Min()}..{ratios.Max()}");
            }
        }
    }

    [Theory]
    [InlineData(429, 120, 120)]
    [InlineData(503, 120, 120)]
    [InlineData(429, 3600, 3600)]
    [InlineData(429, 3601, 3600)]
    [InlineData(503, 31_536_000, 3600)]
    [InlineData(429, 0, 1)]
    [InlineData(429, -5, 1)]
    [InlineData(429, null, 1)]
    [InlineData(500, 120, 1)]
    [InlineData(408, 120, 1)]
    [InlineData(301, 120, 1)]
    public void A_Retry_After_is_heeded_with_429_and_503_within_its_bound_and_never_shortens_the_wait(
        int status, int? retryAfter, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), After(Result(AttemptOutcome.HttpStatus, status, retryAfter), 1).Delay);

    [Fact]
    public void A_Retry_After_that_is_shorter_than_the_schedule_leaves_the_schedule()
    {
        Assert.Equal(TimeSpan.FromSeconds(60), After(Result(AttemptOutcome.HttpStatus, 429, retryAfter: 5), 3).Delay);
        Assert.Equal("buried", After(Result(AttemptOutcome.HttpStatus, 429, retryAfter: 5), 4).State);
    }

    [Fact]
    public void A_bound_of_nothing_heeds_no_Retry_After() => Assert.Equal(
        TimeSpan.FromSeconds(1),
        DeliveryRetry.After(Result(AttemptOutcome.HttpStatus, 503, 120), 0, RetrySchedule.Default, TimeSpan.Zero, 0.5).Delay);

    [Fact]
    public void Gone_is_buried_at_once_whatever_is_left_of_the_schedule()
    {
        var gone = Result(AttemptOutcome.HttpStatus, 410, retryAfter: 60);

        Assert.Equal(("buried", "why"), (After(gone, 1).State, After(gone, 1).Error));
        Assert.True(DeliveryRetry.IsGone(gone));
        Assert.False(DeliveryRetry.IsGone(Result(AttemptOutcome.HttpStatus, 404)));
    }

    [Fact]
    public void An_interrupted_attempt_is_made_again_at_once_and_counts()
    {
        var next = After(Result(AttemptOutcome.Interrupted), 4);

        Assert.Equal(("pending", TimeSpan.Zero, true), (next.State, next.Delay, next.CountsAsAttempt));
    }

    [Theory]
    [InlineData(DeliverySchedule.Default, null, "1 10 60")]
    [InlineData(DeliverySchedule.Default, 0, "")]
    [InlineData(DeliverySchedule.Default, 1, "1")]
    [InlineData(DeliverySchedule.Default, 3, "1 10 60")]
    [InlineData(DeliverySchedule.Default, 5, "1 10 60 60 60")]
    [InlineData(DeliverySchedule.Standard, null, "5 300 1800 7200 18000 36000 36000")]
    [InlineData(DeliverySchedule.Standard, 2, "5 300")]
    [InlineData(DeliverySchedule.Standard, 9, "5 300 1800 7200 18000 36000 36000 36000 36000")]
    public void A_schedule_is_cut_to_so_many_retries_or_repeats_its_last_wait(
        DeliverySchedule schedule, int? retries, string seconds) =>
        Assert.Equal(seconds, string.Join(' ', schedule.ToRetrySchedule(retries).Delays.Select(delay => delay.TotalSeconds)));

    [Fact]
    public void Without_retries_the_first_failure_is_the_last() => Assert.Equal(
        "buried",
        DeliveryRetry.After(Result(AttemptOutcome.Network), 0, DeliverySchedule.Standard.ToRetrySchedule(0), Longest, 0.5).State);

    private static JobOutcome After(AttemptResult result, int attempt) =>
        DeliveryRetry.After(result, attempt - 1, RetrySchedule.Default, Longest, 0.5);

    private static AttemptResult Result(AttemptOutcome outcome, int? status = null, int? retryAfter = null) =>
        new(outcome, DateTimeOffset.UnixEpoch, TimeSpan.Zero, status, "why",
            null) { RetryAfter = retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
}
