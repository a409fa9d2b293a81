using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Integration.Queue;

namespace Aspire.Webhooks.Tests.Unit.Queue;

public sealed class JobBufferTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromMicroseconds(20);

    [Fact]
    public void A_lane_of_which_nothing_is_known_gets_its_places_and_hardly_more()
    {
        var buffer = Of(new() { Concurrency = 8 });
        buffer.Notice(["a"]);

        Assert.InRange(Assert.Single(buffer.Ask()).Places, 8, 9);
    }

    [Fact]
    public void Lanes_share_what_there_is()
    {
        var buffer = Of(new() { Concurrency = 8 });
        buffer.Notice(["a", "b", "c", "d"]);

        Assert.Equal([("a", 3), ("b", 2), ("c", 2), ("d", 2)], buffer.Ask().Select(ask => (ask.Lane, ask.Places)));
        Assert.Empty(buffer.Ask());
    }

    [Fact]
    public void Jobs_that_take_no_time_are_claimed_ahead_by_the_hundred_and_those_that_take_long_are_not()
    {
        var quick = Of(new() { Concurrency = 8 });
        var slow = Of(new() { Concurrency = 8 });
        Run(quick, "a", Quick);
        Run(slow, "a", TimeSpan.FromSeconds(10));

        quick.Notice(["a"]);
        slow.Notice(["a"]);

        Assert.InRange(Assert.Single(quick.Ask()).Places, 500, 1008);
        Assert.Equal(8, Assert.Single(slow.Ask()).Places);
    }

    [Fact]
    public void The_lane_that_runs_the_fewest_is_next_and_of_several_each_in_turn()
    {
        var buffer = Of(new() { Concurrency = 8 });
        Claim(buffer, "a", 4);
        Claim(buffer, "b", 2);
        Claim(buffer, "c", 1);
        Assert.Equal(7, buffer.TakePlaces(slow: false, 10));

        var order = new List<string>();
        while (buffer.TryTakeOrLeave(slow: false, out var job))
        {
            order.Add(job.Job.Lane);
        }

        Assert.Equal(["a", "b", "c", "a", "b", "a", "a"], order);
    }

    [Fact]
    public void A_lane_runs_no_more_than_its_limit_and_goes_on_when_one_has_ended()
    {
        var options = new JobOptions { Concurrency = 8, PerLane = 2 };
        options.Sources["A"] = new() { Concurrency = 1 };
        var buffer = Of(options);
        Claim(buffer, "a", 3);
        Assert.Equal(3, buffer.TakePlaces(slow: false, 3));

        Assert.True(buffer.TryTakeOrLeave(slow: false, out var first));
        Assert.False(buffer.TryTakeOrLeave(slow: false, out _));
        buffer.Leave(first.Job, Quick, null);

        Assert.True(buffer.TryTakeOrLeave(slow: false, out _));
        Assert.False(buffer.TryTakeOrLeave(slow: false, out _));
    }

    [Fact]
    public void A_paced_lane_is_asked_for_no_more_than_may_start()
    {
        var buffer = new JobBuffer<NoWork>(new() { Concurrency = 8 }, new JobLimit(8), lane => lane == "paced" ? 2 : null);
        buffer.Notice(["paced", "other"]);

        Assert.Equal(2, buffer.Ask().Single(ask => ask.Lane == "paced").Places);
    }

    [Fact]
    public void A_slow_lane_takes_none_of_the_others_places()
    {
        var buffer = Of(new() { Concurrency = 1, SlowConcurrency = 4, PerLane = 8 });
        Claim(buffer, "slow", 3, slow: true);
        Claim(buffer, "quick", 1);

        Assert.Equal(1, buffer.TakePlaces(slow: false, 10));
        Assert.True(buffer.TryTakeOrLeave(slow: false, out var job));
        Assert.Equal("quick", job.Job.Lane);
        Assert.Equal(3, buffer.TakePlaces(slow: true, 10));
    }

    [Fact]
    public void What_is_drained_is_not_begun()
    {
        var buffer = Of(new() { Concurrency = 8 });
        Claim(buffer, "a", 3);
        Claim(buffer, "b", 2);

        Assert.Equal(5, buffer.Drain().Count);
        Assert.Equal(0, buffer.TakePlaces(slow: false, 10));
        Assert.Equal(0, buffer.TakePlaces(slow: true, 10));
        Assert.Empty(buffer.Drain());
    }

    [Fact]
    public void Nothing_is_claimed_from_a_lane_whose_failure_is_not_committed_yet()
    {
        var buffer = Of(new() { Concurrency = 8, SlowConcurrency = 8, PerLane = 8 });
        Claim(buffer, "failing", 3);
        buffer.TakePlaces(slow: false, 1);
        Assert.True(buffer.TryTakeOrLeave(slow: false, out var failed));

        var returned = buffer.DrainUntilSettled("failing");
        buffer.Notice(["failing", "other"]);

        Assert.Equal(2, returned.Count);
        Assert.Equal("other", Assert.Single(buffer.Ask()).Lane);

        buffer.Leave(failed.Job, TimeSpan.FromMilliseconds(1), isSlow: true);

        Assert.Equal("failing", Assert.Single(buffer.Ask()).Lane);
    }

    [Fact]
    public void What_a_claim_brings_after_a_failure_of_the_lane_goes_back_and_a_trial_stays()
    {
        var buffer = Of(new() { Concurrency = 8, SlowConcurrency = 8, PerLane = 8 });
        Claim(buffer, "failing", 1);
        buffer.TakePlaces(slow: false, 1);
        Assert.True(buffer.TryTakeOrLeave(slow: false, out _));
        buffer.DrainUntilSettled("failing");

        var late = buffer.Add([], [Job(7, "failing"), Job(8, "other"), Job(9, "failing", isTrial: true)]);

        Assert.Equal(7, Assert.Single(late).Id);
        Assert.Equal([8, 9], buffer.Drain().Select(job => job.Id).Order());
    }

    private static ClaimedJob<NoWork> Job(long id, string lane, bool isTrial = false) =>
        new(new(id, Guid.Empty, 1, Guid.Empty, lane) { IsTrial = isTrial }, default);

    private static JobBuffer<NoWork> Of(JobOptions options) => new(options, new JobLimit(options.Concurrency), _ => null);

    private static void Claim(JobBuffer<NoWork> buffer, string lane, int count, bool slow = false) => buffer.Add(
        [],
        [.. Enumerable.Range(0, count)
            .Select(id => new ClaimedJob<NoWork>(new(id, Guid.Empty, 1, Guid.Empty, lane) { IsSlow = slow }, default))]);

    private static void Run(JobBuffer<NoWork> buffer, string lane, TimeSpan took)
    {
        Claim(buffer, lane, 1);
        buffer.TakePlaces(slow: false, 1);
        Assert.True(buffer.TryTakeOrLeave(slow: false, out var job));
        buffer.Leave(job.Job, took, null);
        Assert.False(buffer.TryTakeOrLeave(slow: false, out _));
    }
}
