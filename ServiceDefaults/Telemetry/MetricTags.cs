using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>Which tags metrics leave with. Nothing redacts a metric's tag, and each new value of one is another time series,
/// so that none may be text that a stranger chose.</summary>
internal static class MetricTags
{
    // What the platform's HTTP metrics tag with, less server.address (as many values as merchants have hosts),
    // network.peer.address, dns.question.name, and url.scheme, which a forwarded request's header chooses.
    private static readonly string[] Bounded =
    [
        "http.request.method", "http.response.status_code", "http.route", "http.connection.state",
        "network.protocol.name", "network.protocol.version", "network.transport", "network.type", "tls.protocol.version",
        "error.type",
        "aspnetcore.diagnostics.exception.result", "aspnetcore.diagnostics.handler.type",
        "aspnetcore.rate_limiting.policy", "aspnetcore.rate_limiting.result",
        "aspnetcore.routing.is_fallback", "aspnetcore.routing.match_status",
        "aspnetcore.authentication.result", "aspnetcore.authentication.scheme", "aspnetcore.authorization.policy",
        "aspnetcore.authorization.result",
    ];

    // Of the metrics of models' calls, less gen_ai.response.model: that is any text that a model's server answers.
    private static readonly string[] OfModels =
        ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.token.type", "error.type"];

    /// <summary>
    /// Limits the tags of all meters but those given, which tag with names from configuration and nothing else.
    /// </summary>
    public static MeterProviderBuilder AddBoundedTags(this MeterProviderBuilder metrics, params string[] trusted) => metrics
        // An exemplar carries the tags that a view leaves out.
        .SetExemplarFilter(ExemplarFilterType.AlwaysOff)
        .AddView(instrument => Limit(instrument, trusted));

    private static MetricStreamConfiguration? Limit(Instrument instrument, string[] trusted) =>
        instrument.Name.StartsWith("gen_ai.", StringComparison.Ordinal) ? new MetricStreamConfiguration { TagKeys = OfModels }
        : trusted.Contains(instrument.Meter.Name, StringComparer.Ordinal) ? null
        : new MetricStreamConfiguration { TagKeys = Bounded };
}
