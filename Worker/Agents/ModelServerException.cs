namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The server of a model did not return a completion.</summary>
/// <param name="message">The error message of the server, redacted.</param>
/// <param name="status">The HTTP status, or the status in the body.</param>
/// <param name="retryAfter">The wait that the server requests; null when it requests none.</param>
public sealed class ModelServerException(string message, int status, TimeSpan? retryAfter) : Exception(message)
{
    private const int RequestTimeout = 408;
    private const int Conflict = 409;
    private const int TooManyRequests = 429;

    /// <summary>
    /// Whether a retry would fail again, because the request is too long, the key is wrong or the model does not exist.
    /// </summary>
    public bool IsFinal { get; } = status is >= 400 and < 500 and not (RequestTimeout or Conflict or TooManyRequests);

    /// <summary>The shortest wait before a retry. Only 429 and 5xx can request it.</summary>
    public TimeSpan? RetryAfter { get; } = status is TooManyRequests or >= 500 ? retryAfter : null;
}
