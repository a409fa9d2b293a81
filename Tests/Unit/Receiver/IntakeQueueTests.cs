using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>Who is taken from the line, and who is not.</summary>
public sealed class IntakeQueueTests : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new();
    private readonly IntakeQueue _queue;

    public IntakeQueueTests() => _queue = new(
        Options.Create(new IntakeOptions
        {
            Capacity = 100, BatchSize = 10, NewestFirstAbove = 50, Writers = 1, MaxWait = TimeSpan.FromSeconds(1),
        }),
        _time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void A_short_line_is_taken_from_its_head()
    {
        Store(1, 50);

        Assert.Equal(Enumerable.Range(1, 10), Take());
    }

    [Fact]
    public void A_long_line_is_taken_from_its_end_until_it_is_short()
    {
        Store(1, 55);

        Assert.Equal([55, 54, 53, 52, 51, 1, 2, 3, 4, 5], Take());
    }

    [Fact]
    public async Task What_has_waited_for_too_long_is_refused_without_a_writer_and_never_taken()
    {
        var late = Store(1, 3);
        _time.Advance(TimeSpan.FromSeconds(0.8));
        Store(4, 5);

        _time.Advance(TimeSpan.FromSeconds(0.3));

        Assert.All(await Task.WhenAll(late), result => Assert.Equal(IntakeResult.TooLate, result));
        Assert.Equal([4, 5], Take());
    }

    [Fact]
    public async Task Whose_sender_has_gone_is_never_taken_wherever_in_the_line_it_is()
    {
        using var gone = new CancellationTokenSource();
        Store(1, 2);
        var left = _queue.StoreAsync(Event(3), gone.Token);
        Store(4, 5);

        await gone.CancelAsync();

        Assert.Equal([1, 2, 4, 5], Take());
        Assert.Equal(IntakeResult.Gone, await left);
    }

    [Fact]
    public async Task A_full_line_refuses_at_once()
    {
        Store(1, 100);

        Assert.False(_queue.Admits(TimeSpan.Zero));
        Assert.Equal(IntakeResult.TooLate, await _queue.StoreAsync(Event(101), Cancellation));
    }

    [Fact]
    public void While_a_commit_hangs_nobody_is_let_in_and_everybody_as_soon_as_it_ends()
    {
        Store(1, 1);
        List<IntakeItem> batch = [];
        _queue.Take(batch);
        Assert.True(_queue.Admits(TimeSpan.Zero));

        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.False(_queue.Admits(TimeSpan.Zero));

        _queue.Done(batch, [IntakeResult.Accepted]);
        Assert.True(_queue.Admits(TimeSpan.Zero));
        Assert.Equal(1, _queue.Committed);
    }

    [Fact]
    public void What_passes_outside_of_the_line_counts_too()
    {
        Assert.True(_queue.Admits(TimeSpan.FromSeconds(1)));
        Assert.False(_queue.Admits(TimeSpan.FromSeconds(1.1)));
    }

    [Fact]
    public async Task A_closed_line_is_committed_to_its_end_and_takes_no_more()
    {
        Store(1, 12);
        _queue.Close();

        Assert.Equal(Enumerable.Range(1, 10), Take());
        Assert.Equal([11, 12], Take());
        Assert.False(_queue.Take([]));
        Assert.Equal(IntakeResult.TooLate, await _queue.StoreAsync(Event(13), Cancellation));
    }

    private List<Task<IntakeResult>> Store(int from, int to) =>
        [.. Enumerable.Range(from, to - from + 1).Select(number => _queue.StoreAsync(Event(number), Cancellation))];

    private IEnumerable<int> Take()
    {
        List<IntakeItem> batch = [];
        Assert.True(_queue.Take(batch));
        return batch.Select(item => int.Parse(item.Event.DeliveryId));
    }

    private static InboundEvent Event(int number) => new()
    {
        Source = "github",
        DeliveryId = $"{number}",
        EventType = "push",
        Headers = "{}",
        ContentType = "application/json",
        Body = new byte[10],
    };
}
