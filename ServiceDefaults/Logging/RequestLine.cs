using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>The log entry of a request, with the names that it has in a JSON line. The path is redacted.</summary>
/// <param name="RequestId">The trace id of the request, which its other entries and a ProblemDetails have too.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path; see <see cref="RequestLog"/>.</param>
/// <param name="Status">The status of the answer; 499 when the caller disconnected before it.</param>
/// <param name="LatencyMs">How long the answer took, in milliseconds.</param>
/// <param name="Dup">Whether a webhook was a duplicate; null for other requests.</param>
internal sealed record RequestLine(string RequestId, string Method, string Path, int Status, double LatencyMs, bool? Dup)
    : IReadOnlyList<KeyValuePair<string, object?>>
{
    private const int Fields = 5;

    public int Count => Dup is null ? Fields : Fields + 1;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("request_id", RequestId),
        1 => new("method", Method),
        2 => new("path", Path),
        3 => new("status", Status),
        4 => new("latency_ms", LatencyMs),
        Fields when Dup is not null => new("dup", Dup),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("request_id"u8, RequestId);
        json.WriteString("method"u8, Method);
        json.WriteString("path"u8, Path);
        json.WriteNumber("status"u8, Status);
        json.WriteNumber("latency_ms"u8, LatencyMs);
        if (Dup is { } dup)
        {
            json.WriteBoolean("dup"u8, dup);
        }
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() =>
        Enumerable.Range(0, Count).Select(at => this[at]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Method} {Path} was answered {Status} in {LatencyMs} ms{(Dup == true ? ", a duplicate" : "")}.");
}
