namespace Aspire.Webhooks.Jobs;

/// <summary>The place that a running job takes up; it can be exchanged for one among others while the job runs.</summary>
internal sealed class JobPlace(JobPlaces places)
{
    private readonly Lock _lock = new();
    private JobPlaces? _places = places;

    /// <summary>Goes on at a place among others, free or not, if the job still runs.</summary>
    public void MoveTo(JobPlaces others)
    {
        lock (_lock)
        {
            if (_places is { } left && left != others)
            {
                others.TakeOne();
                _places = others;
                left.Release(1);
            }
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _places!.Release(1);
            _places = null;
        }
    }
}
