using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Tests.Unit.Jobs;

public sealed class JobPlacesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_is_free_is_taken_at_once_and_then_waited_for()
    {
        var places = new JobPlaces(3);

        Assert.Equal(3, await places.TakeFreeAsync(Cancellation));
        var next = places.TakeFreeAsync(Cancellation);
        Assert.False(next.IsCompleted);
        places.Release(2);

        Assert.Equal(2, await next);
    }

    [Fact]
    public async Task A_job_that_moves_leaves_its_place_to_another_and_takes_one_elsewhere_even_where_none_is_free()
    {
        var (quick, slow) = (new JobPlaces(1), new JobPlaces(0));
        await quick.TakeFreeAsync(Cancellation);
        var place = new JobPlace(quick);

        place.MoveTo(slow);

        Assert.Equal(1, await quick.TakeFreeAsync(Cancellation));
        var empty = slow.EmptyAsync();
        Assert.False(empty.IsCompleted);
        place.Leave();
        await empty;
    }

    [Fact]
    public async Task A_job_that_has_ended_or_has_moved_before_does_not_move()
    {
        var (quick, slow) = (new JobPlaces(2), new JobPlaces(1));
        await quick.TakeFreeAsync(Cancellation);
        var (ended, moved) = (new JobPlace(quick), new JobPlace(quick));

        ended.Leave();
        ended.MoveTo(slow);
        moved.MoveTo(slow);
        moved.MoveTo(slow);
        moved.Leave();

        await slow.EmptyAsync();
        await quick.EmptyAsync();
    }

    [Fact]
    public async Task Waiting_for_a_place_can_be_given_up()
    {
        var places = new JobPlaces(0);
        using var stop = new CancellationTokenSource();

        var taking = places.TakeFreeAsync(stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taking);
        await places.EmptyAsync();
    }
}
