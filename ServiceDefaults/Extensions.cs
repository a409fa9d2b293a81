using System.Diagnostics;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Health;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Adds what all services of Aspire.Webhooks have in common. Call <c>AddServiceDefaults</c> before other registrations and
/// <c>MapDefaultEndpoints</c> after the application is built.
/// </summary>
public static class Extensions
{
    private const string Instrumentation = "Aspire.Webhooks";

    /// <summary>
    /// Adds redaction, logging, telemetry, health checks, and resilience and service discovery for HttpClients.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);

        // First, so that counts and the log of requests see what the other filters do.
        builder.Services.AddTransient<IStartupFilter, RequestMetrics>();
        builder.AddRedactedConsole();
        builder.Services.AddCheckedOptions<ProxyOptions>(ProxyOptions.Section).Check((options, _) => options.Errors());
        builder.Services.AddTransient<IStartupFilter, TrustedProxies>();
        builder.Services.AddTransient<IStartupFilter, ResponseHeaders>();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        // Runs before all other filters, which may read the host.
        builder.Services.AddTransient<IStartupFilter, HostHeader>();
        builder.Services.AddRedaction();
        builder.ConfigureOpenTelemetry();
        builder.AddMetricsRoute();
        builder.AddDefaultHealthChecks();
        builder.Services.AddHostedService<ConnectRedisAtStart>();

        builder.Services.AddAnswers();

        // These apply to calls between our own services, by clients of IHttpClientFactory. Only reads are retried. Deliveries
        // and agents' tools create their own clients, which these settings do not affect.
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });

        return builder;
    }

    /// <summary>
    /// Adds traces, metrics and logs, exported by OTLP if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. Activities are created
    /// without an exporter as well, so that trace ids can always be stored.
    /// </summary>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddRedaction();
        var application = builder.Environment.ApplicationName;
        var sampler = new BackgroundClientSampler();

        // OpenTelemetry's own default reads and writes baggage as well, and its instrumentation would read a request once more.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        builder.Services.AddSingleton<DistributedContextPropagator, NoCallerTrace>();

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            // The scopes of a log record cannot be redacted.
            logging.IncludeScopes = false;
            logging.AddProcessor(services => new RedactLogRecords(services.GetRequiredService<Redactor>()));
        });

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
            {
                if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
                {
                    resource.AddService(application);
                }

                resource.AddDetector(services => ActivatorUtilities.CreateInstance<RedactResource>(services));
            })
            .WithMetrics(metrics => metrics
                .AddMeter(Instrumentation, application)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddBoundedTags(Instrumentation, application, "System.Runtime"))
            .WithTracing(tracing => tracing
                // A remote parent's flag is a sender's choice, which must not decide what we see of it.
                .SetSampler(new ParentBasedSampler(sampler, remoteParentSampled: sampler, remoteParentNotSampled: sampler))
                .AddSource(Instrumentation, application)
                .AddAspNetCoreInstrumentation(options =>
                {
                    options.Filter = IsNoProbe;
                    options.EnrichWithHttpRequest = RequestSpans.Start;
                    options.EnrichWithHttpResponse = RequestSpans.End;
                })
                .AddHttpClientInstrumentation()
                .AddProcessor(services => new RedactActivities(services.GetRequiredService<Redactor>())));

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            builder.Services.AddOpenTelemetry().UseOtlpExporter();
        }

        return builder;
    }

    /// <summary>
    /// Adds the exporter behind <c>/metrics</c>, where the configuration asks for the route or the environment is Development.
    /// <c>MapDefaultEndpoints</c> maps the route.
    /// </summary>
    public static TBuilder AddMetricsRoute<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddCheckedOptions<MetricsOptions>(MetricsOptions.Section).Check((options, _) => options.Errors());
        var options = new SectionBinder([]).Read<MetricsOptions>(builder.Configuration, MetricsOptions.Section);
        if (options.IsEnabled(builder.Environment.IsDevelopment()))
        {
            // The names of our metrics are unique, so no label has to tell the meter.
            builder.Services.AddOpenTelemetry().WithMetrics(metrics =>
                metrics.AddPrometheusExporter(exporter => exporter.ScopeInfoEnabled = false));
            builder.Services.AddHostedService<MetricsServer>();
        }

        return builder;
    }

    /// <summary>
    /// Adds a liveness check, limits the time of all checks, and makes a failure of Redis degrade a service instead of failing
    /// it.
    /// </summary>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [HealthRoutes.LiveTag]);
        builder.Services.PostConfigure<HealthCheckServiceOptions>(RedisHealth.MakeOptional);
        builder.Services.PostConfigure<HealthCheckServiceOptions>(HealthRoutes.LimitTime);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health/live</c> and <c>/health/ready</c> (JSON), and Aspire's <c>/alive</c> and <c>/health</c> (text). They are
    /// open to everybody, so none of them says which check failed. Maps <c>/metrics</c> for the scraper.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        HealthRoutes.Map(app);
        MetricsRoutes.Map(app);
        return app;
    }

    private static bool IsNoProbe(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
        && !context.Request.Path.StartsWithSegments("/alive", StringComparison.OrdinalIgnoreCase);
}
