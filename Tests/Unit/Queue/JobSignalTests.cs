using System.Runtime.ExceptionServices;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Unit.Queue;

public sealed class JobSignalTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wait_that_ends_without_a_signal_throws_nothing(bool isCancelled)
    {
        var thrown = 0;
        var isHere = new AsyncLocal<bool> { Value = true };
        void Count(object? sender, FirstChanceExceptionEventArgs exception) =>
            Interlocked.Add(ref thrown, isHere.Value ? 1 : 0);

        using var cancellation = new CancellationTokenSource();
        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            var wait = new JobSignal().WaitAsync(Longest, _time, cancellation.Token);
            Assert.False(wait.IsCompleted);
            if (isCancelled)
            {
                await cancellation.CancelAsync();
            }
            else
            {
                _time.Advance(Longest);
            }

            await wait.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }

        Assert.Equal(0, thrown);
    }

    [Fact]
    public async Task A_signal_ends_the_wait_and_is_taken_once()
    {
        var signal = new JobSignal();
        var wait = signal.WaitAsync(Longest, _time, TestContext.Current.CancellationToken);

        signal.Set(["a"]);
        signal.Set(["b"]);

        await wait.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        var (all, lanes) = signal.Take();
        Assert.False(all);
        Assert.Equal(["a", "b"], lanes.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Empty(signal.Take().Lanes);
        Assert.False(signal.WaitAsync(Longest, _time, TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public void Without_names_or_with_more_than_a_thousand_any_lane_may_have_jobs()
    {
        var signal = new JobSignal();
        signal.Set(null);
        Assert.True(signal.Take().All);

        signal.Set([.. Enumerable.Range(0, 1000).Select(lane => $"{lane}")]);
        Assert.False(signal.Take().All);

        signal.Set([.. Enumerable.Range(0, 1001).Select(lane => $"{lane}")]);
        Assert.True(signal.Take().All);
    }
}
