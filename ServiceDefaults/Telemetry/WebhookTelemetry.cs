using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>The activity source and the meter of the services.</summary>
public static class WebhookTelemetry
{
    public const string Name = "Aspire.Webhooks";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);

    // From a fast answer to a day of retries. The default bounds are for milliseconds: of seconds, they put nearly everything
    // into the first bucket. 25 s is a limit that the alerts ask for.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
        [
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 300, 1800, 7200, 86400,
        ],
    };

    /// <summary>Creates a histogram of durations in seconds.</summary>
    public static Histogram<double> CreateDuration(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, Seconds);

    /// <summary>Starts a span that continues a stored W3C traceparent, or a new trace when there is none.</summary>
    public static Activity? StartFrom(string? traceparent, string name, ActivityKind kind)
    {
        _ = ActivityContext.TryParse(traceparent, null, isRemote: true, out var parent);
        return Source.StartActivity(name, kind, parent);
    }

    /// <summary>
    /// Starts a span in the trace of a verified caller, linked to the span of its request. Without a caller it is a child of the
    /// current span.
    /// </summary>
    /// <param name="start">When it began; default now.</param>
    public static Activity? StartFrom(ActivityContext? caller, string name, DateTimeOffset start = default)
    {
        ActivityLink[] links = caller is not null && Activity.Current is { } request ? [new ActivityLink(request.Context)] : [];
        return Source.StartActivity(name, ActivityKind.Internal, caller ?? default, tags: null, links, start);
    }

    /// <summary>Returns the trace id of a W3C traceparent; null when there is none.</summary>
    public static string? TraceId(string? traceparent) =>
        ActivityContext.TryParse(traceparent, null, out var context) ? context.TraceId.ToHexString() : null;
}
