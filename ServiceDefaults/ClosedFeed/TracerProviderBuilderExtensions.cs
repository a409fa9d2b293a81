using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Instrumentation.AspNetCore;

namespace OpenTelemetry.Trace;

/// <summary>Stands in for the packages OpenTelemetry.Instrumentation.AspNetCore and .Http: the traces.</summary>
public static class InstrumentationTracerProviderBuilderExtensions
{
    /// <summary>Traces each request that arrives.</summary>
    public static TracerProviderBuilder AddAspNetCoreInstrumentation(
        this TracerProviderBuilder builder, Action<AspNetCoreTraceInstrumentationOptions>? configure = null)
    {
        var options = new AspNetCoreTraceInstrumentationOptions();
        configure?.Invoke(options);
        return builder
            .AddSource("Microsoft.AspNetCore")
            .ConfigureServices(services => services.AddSingleton<IStartupFilter>(new RequestTracing(options)));
    }

    /// <summary>Traces each request that is sent; .NET tags these spans itself.</summary>
    public static TracerProviderBuilder AddHttpClientInstrumentation(this TracerProviderBuilder builder) =>
        builder.AddSource("System.Net.Http");
}
