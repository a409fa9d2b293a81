namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>The beginning of an answer's body, as much of it as came.</summary>
internal sealed class AnswerStart(HttpContent content)
{
    private readonly byte[] _bytes = new byte[AttemptText.ReadBytes];
    private int _length;

    /// <summary>Reads until the body ends or there is enough of it. What came before an exception stays.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        int read;
        while (_length < _bytes.Length && (read = await stream.ReadAsync(_bytes.AsMemory(_length), cancellationToken)) > 0)
        {
            _length += read;
        }
    }

    /// <summary>For the attempt log; null when nothing came.</summary>
    public string? Text(Func<string, string> redact) =>
        _length == 0 ? null : AttemptText.OfAnswer(_bytes.AsSpan(0, _length), [.. content.Headers.ContentEncoding], redact);
}
