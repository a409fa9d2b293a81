using Microsoft.AspNetCore.Http;

namespace OpenTelemetry.Instrumentation.AspNetCore;

/// <summary>How requests are traced.</summary>
public class AspNetCoreTraceInstrumentationOptions
{
    /// <summary>Says whether a request is traced; without a filter all are.</summary>
    public Func<HttpContext, bool>? Filter { get; set; }
}
