namespace Aspire.Webhooks.Queue;

/// <summary>Tells of an outage at its start and at its end, not at each failure in between.</summary>
internal sealed class Outage(Action<Exception> began, Action ended)
{
    private int _lasts;

    public bool Lasts => _lasts != 0;

    public void Began(Exception exception)
    {
        if (Interlocked.Exchange(ref _lasts, 1) == 0)
        {
            began(exception);
        }
    }

    public void Ended()
    {
        if (_lasts != 0 && Interlocked.Exchange(ref _lasts, 0) != 0)
        {
            ended();
        }
    }
}
