using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Console.Access;

/// <summary>Settings of the operators' pages. Section <c>Webhooks:Console</c>.</summary>
public sealed class ConsoleOptions
{
    public const string Section = "Webhooks:Console";

    private const string TraceId = "{trace_id}";
    private const int MinKeyLength = 32;

    /// <summary>The URL of a trace in your tracing tool, with <c>{trace_id}</c> in place of the trace id. By default pages show
    /// the id without a link.</summary>
    public string TraceUrl { get; set; } = "";

    /// <summary>The public URL of the Receiver, for the webhook URLs that pages show.</summary>
    public string ReceiverUrl { get; set; } = "";

    /// <summary>The token of the sign-in link, in Development only. The AppHost creates one in each run.</summary>
    public Secret? SignInToken { get; set; }

    /// <summary>
    /// The secret that protects cookies and forms, at least 32 characters. All replicas need the same. By default each process
    /// makes its own, and a restart signs merchants out as well.
    /// </summary>
    public Secret? CookieKey { get; set; }

    /// <summary>Returns the URL of a trace; null when none is configured.</summary>
    public string? UrlOfTrace(string traceId) => TraceUrl.Length == 0
        ? null
        : TraceUrl.Replace(TraceId, Uri.EscapeDataString(traceId), StringComparison.Ordinal);

    public IEnumerable<string> Errors()
    {
        if (TraceUrl.Length > 0 && !(TraceUrl.Contains(TraceId, StringComparison.Ordinal) && IsUrl(UrlOfTrace("0")!)))
        {
            yield return $"{Section}:TraceUrl is an absolute http or https URL with {TraceId}.";
        }

        if (ReceiverUrl.Length > 0 && !IsUrl(ReceiverUrl))
        {
            yield return $"{Section}:ReceiverUrl is an absolute http or https URL.";
        }

        if (CookieKey?.Reveal() is { Length: > 0 and < MinKeyLength })
        {
            yield return $"{Section}:{nameof(CookieKey)} must have at least {MinKeyLength} characters.";
        }
    }

    private static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);
}
