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

    [Fact]
    public void A_slow_lane_is_asked_for_no_more_than_its_free_places()
    {
        var buffer = Of(new() { Concurrency = 8, SlowConcurrency = 4, PerLane = 8 });
        Claim(buffer, "slow", 1, slow: true);
        Assert.Equal(1, buffer.TakePlaces(slow: true, 10));
        buffer.Notice(["slow"]);

        // The buffered job has one of the four places.
        Assert.Empty(buffer.Ask());
        Assert.True(buffer.TryTakeOrLeave(slow: true, out _));
        Assert.Equal(new LaneAsk("slow", 3, 3), Assert.Single(buffer.Ask()));
    }

    [Fact]
    public void Neither_kind_of_lane_is_asked_while_its_places_are_taken()
    {
        var buffer = Of(new() { Concurrency = 1, SlowConcurrency = 1, PerLane = 8 });
        Claim(buffer, "slow", 1, slow: true);
        Begin(buffer, slow: true);
        buffer.Notice(["slow", "quick"]);
        Assert.Equal("quick", Assert.Single(buffer.Ask()).Lane);

        Claim(buffer, "quick", 1);
        Begin(buffer, slow: false);
        buffer.Notice(["quick"]);
        Assert.Empty(buffer.Ask());
        Assert.True(buffer.IsShort);
    }

    [Fact]
    public void One_claim_asks_16_slow_lanes_and_256_in_all_and_the_next_begins_with_the_others()
    {
        var buffer = Of(new() { Concurrency = 1000, SlowConcurrency = 1000, PerLane = 8 });
        string[] slow = [.. Enumerable.Range(0, 20).Select(n => $"slow-{n:00}")];
        foreach (var lane in slow)
        {
            Claim(buffer, lane, 1, slow: true);
        }

        buffer.TakePlaces(slow: true, 20);
        while (buffer.TryTakeOrLeave(slow: true, out var job))
        {
            buffer.Leave(job.Job, null, null);
        }

        buffer.Notice(slow);
        buffer.Notice(Enumerable.Range(0, 300).Select(n => $"quick-{n:000}"));

        var first = buffer.Ask().Select(ask => ask.Lane).ToList();
        var second = buffer.Ask().Select(ask => ask.Lane).ToList();

        Assert.Equal([.. slow[..16], .. Enumerable.Range(0, 240).Select(n => $"quick-{n:000}")], first);
        Assert.Equal([.. slow[16..], .. Enumerable.Range(240, 60).Select(n => $"quick-{n:000}")], second);
        Assert.Empty(buffer.Ask());
    }

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(0, true, false)]
    [InlineData(999, true, false)]
    [InlineData(1000, true, true)]
    public void A_job_that_runs_long_moves_to_a_free_slow_place_and_after_SlowAfter_to_any(int ran, bool isTaken, bool moves)
    {
        var buffer = Of(
            new() { Concurrency = 1, SlowConcurrency = 1, PerLane = 8, SlowAfter = TimeSpan.FromSeconds(1) });
        if (isTaken)
        {
            Claim(buffer, "slow", 1, slow: true);
            Begin(buffer, slow: true);
        }

        Claim(buffer, "long", 2);
        Claim(buffer, "quick", 1);
        var job = Begin(buffer, slow: false);

        Assert.Equal(moves, buffer.TryMoveToSlow(job, TimeSpan.FromMilliseconds(ran)));

        // The lane is slow from now on, and its other job waits for a slow place. The place is the other lane's.
        Assert.Equal(moves, !buffer.IsShort);
        Assert.Equal(moves ? 1 : 0, buffer.TakePlaces(slow: false, 10));
        Assert.Equal(0, buffer.TakePlaces(slow: true, 10));
    }

    [Fact]
    public void When_a_lane_is_no_longer_slow_its_jobs_wait_for_the_other_places()
    {
        var buffer = Of(new() { Concurrency = 2, SlowConcurrency = 2, PerLane = 8 });
        Claim(buffer, "a", 3, slow: true);
        var first = Begin(buffer, slow: true);

        Assert.False(buffer.Leave(first, Quick, isSlow: null).Moved);
        Assert.Equal(0, buffer.TakePlaces(slow: false, 10));

        var second = Begin(buffer, slow: true);
        Assert.True(buffer.Leave(second, Quick, isSlow: false).Moved);
        Assert.Equal(1, buffer.TakePlaces(slow: false, 10));
        Assert.True(buffer.TryTakeOrLeave(slow: false, out var third));
        Assert.False(buffer.Leave(third.Job, Quick, isSlow: true).Moved);
    }

    // Half of the places are free: half of the setting.
    [Theory]
    [InlineData(0, 0, 1000)]
    [InlineData(4, 0, 500)]
    [InlineData(8, 0, 100)]
    [InlineData(8, 50, 200)]
    [InlineData(0, 50, 1000)]
    [InlineData(8, 400, 1000)]
    public void A_job_keeps_its_place_the_shorter_the_fewer_are_free_and_four_usual_runs(int taken, int usual, int expected)
    {
        var buffer = Of(
            new() { Concurrency = 8, SlowConcurrency = 8, SlowAfter = TimeSpan.FromSeconds(1) });
        if (usual > 0)
        {
            Run(buffer, "a", TimeSpan.FromMilliseconds(usual));
        }

        Claim(buffer, "a", 8);
        buffer.TakePlaces(slow: false, taken);

        Assert.Equal(TimeSpan.FromMilliseconds(expected), buffer.SlowAfter);
    }

    [Fact]
    public void Without_slow_places_no_lane_is_slow_and_a_job_keeps_its_place()
    {
        var buffer = Of(new() { Concurrency = 8, SlowConcurrency = 0 });
        Claim(buffer, "a", 2, slow: true);

        Assert.Null(buffer.SlowAfter);
        Assert.Equal(0, buffer.TakePlaces(slow: true, 10));
        Assert.Equal(2, buffer.TakePlaces(slow: false, 10));
        Assert.True(buffer.TryTakeOrLeave(slow: false, out var job));
        Assert.False(buffer.Leave(job.Job, Quick, isSlow: true).Moved);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, false)]
    [InlineData(0, false)]
    public void A_lane_that_gave_all_that_was_asked_for_is_asked_again_and_one_that_gave_less_is_not(int got, bool again)
    {
        var buffer = Of(new() { Concurrency = 8, SlowConcurrency = 8, PerLane = 8 });

        buffer.Add([new("a", 2, 2)], [.. Enumerable.Range(0, got).Select(id => Job(id, "a"))]);
        while (buffer.TakePlaces(slow: false, 1) > 0)
        {
            Assert.True(buffer.TryTakeOrLeave(slow: false, out _));
        }

        Assert.Equal(again, buffer.Ask().Count > 0);
    }

    [Fact]
    public void A_place_that_is_one_too_many_is_given_back()
    {
        var buffer = Of(new() { Concurrency = 4 });
        Claim(buffer, "a", 4);

        Assert.Equal(3, buffer.TakePlaces(slow: false, 3));
        Assert.Equal(1, buffer.TakePlaces(slow: false, 10));
        Assert.Equal(0, buffer.TakePlaces(slow: false, 10));
        buffer.Drain();
        Assert.False(buffer.TryTakeOrLeave(slow: false, out _));
        Claim(buffer, "a", 4);
        Assert.Equal(1, buffer.TakePlaces(slow: false, 10));
    }

    private static LeasedJob Begin(JobBuffer<NoWork> buffer, bool slow)
    {
        Assert.Equal(1, buffer.TakePlaces(slow, 1));
        Assert.True(buffer.TryTakeOrLeave(slow, out var job));
        return job.Job;
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
