namespace Aspire.Webhooks.Worker.Agents;

/// <summary>A model's server gave no completion.</summary>
/// <param name="message">Why, in the server's own words, redacted.</param>
/// <param name="status">The HTTP status, or the one that the body gives in its place.</param>
/// <param name="retryAfter">How long the server asks to wait; null where it does not ask.</param>
public sealed class ModelServerException(string message, int status, TimeSpan? retryAfter) : Exception(message)
{
    private const int RequestTimeout = 408;
    private const int Conflict = 409;
    private const int TooManyRequests = 429;

    /// <summary>True when the same question would fail again: it is too long, the key is wrong, there is no such model.</summary>
    public bool IsFinal { get; } = status is >= 400 and < 500 and not (RequestTimeout or Conflict or TooManyRequests);

    /// <summary>How long to wait at least. Only 429 and 5xx can ask for it.</summary>
    public TimeSpan? RetryAfter { get; } = status is TooManyRequests or >= 500 ? retryAfter : null;
}
