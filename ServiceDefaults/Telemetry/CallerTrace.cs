using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>The trace that a caller names in <c>traceparent</c>. Anybody can name any trace, also another's.</summary>
public static class CallerTrace
{
    /// <summary>The caller's span. Null when it names none or several. Its <c>tracestate</c> is free text and left out.</summary>
    public static ActivityContext? Of(HttpRequest request) =>
        request.Headers.TraceParent is [{ } only] && ActivityContext.TryParse(only, null, isRemote: true, out var caller)
            ? caller
            : null;
}

/// <summary>
/// What ASP.NET Core reads of a request before anybody has verified it: nothing, so that each request starts a trace of ours.
/// Otherwise strangers would choose trace ids, switch sampling off by a flag, and put text into trace state and baggage.
/// </summary>
internal sealed class NoCallerTrace : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => [];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        (traceId, traceState) = (null, null);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(
        object? carrier, PropagatorGetterCallback? getter) => null;
}
