namespace Aspire.Webhooks.Tests.Stack;

/// <summary>Waits until something holds, looking again and again; fails by name when it does not come true.</summary>
public static class Eventually
{
    /// <summary>How long a fault takes to show. On a machine that is busy with builds, what takes 10 s otherwise has taken more
    /// than 60.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> look)
        where T : class
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"It did not come true within {Limit.TotalSeconds} s: {what}.");
            }
        }
    }

    public static Task HoldsAsync(string what, Func<Task<bool>> look) =>
        GetAsync(what, async () => await look() ? "yes" : null);
}
