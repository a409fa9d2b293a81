namespace Aspire.Webhooks.Jobs;

/// <summary>How many jobs may run at once, and how many do.</summary>
/// <param name="size">How many may. More do where <see cref="TakeOne"/> is called.</param>
internal sealed class JobPlaces(int size)
{
    private readonly Lock _lock = new();
    private int _taken;
    private TaskCompletionSource _released = NewSignal();

    public bool HasFree
    {
        get
        {
            lock (_lock)
            {
                return _taken < size;
            }
        }
    }

    /// <summary>Takes all places that are free, when there is one.</summary>
    /// <returns>How many.</returns>
    public async Task<int> TakeFreeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task released;
            lock (_lock)
            {
                if (_taken < size)
                {
                    var free = size - _taken;
                    _taken = size;
                    return free;
                }

                released = _released.Task;
            }

            await released.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes a place whether one is free or not.</summary>
    public void TakeOne()
    {
        lock (_lock)
        {
            _taken++;
        }
    }

    public void Release(int places)
    {
        TaskCompletionSource released;
        lock (_lock)
        {
            _taken -= places;
            released = _released;
            _released = NewSignal();
        }

        released.SetResult();
    }

    /// <summary>Completes when no place is taken.</summary>
    public async Task EmptyAsync()
    {
        while (true)
        {
            Task released;
            lock (_lock)
            {
                if (_taken == 0)
                {
                    return;
                }

                released = _released.Task;
            }

            await released;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
