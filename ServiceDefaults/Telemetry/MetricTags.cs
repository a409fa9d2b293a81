using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Aspire.Webhooks.ServiceDefaults.Telemetry;

/// <summary>
/// Limits the tags of exported metrics. Metric tags are not redacted, and each new value creates a time series, so no tag may
/// contain text that a stranger chose.
/// </summary>
internal static class MetricTags
{
    // The tags of the platform's HTTP metrics, except server.address (as many values as merchants have hosts),
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

    // The tags of the metrics of model calls, except gen_ai.response.model, which can be any text from a model's server.
    private static readonly string[] OfModels =
        ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.token.type", "error.type"];

    /// <summary>
    /// Limits the tags of all meters except the given ones, whose tags contain only names from configuration.
    /// </summary>
    public static MeterProviderBuilder AddBoundedTags(this MeterProviderBuilder metrics, params string[] trusted) => metrics
        // Exemplars contain the tags that a view removes.
        .SetExemplarFilter(ExemplarFilterType.AlwaysOff)
        .AddView(instrument => Limit(instrument, trusted));

    private static MetricStreamConfiguration? Limit(Instrument instrument, string[] trusted) =>
        instrument.Name.StartsWith("gen_ai.", StringComparison.Ordinal) ? new MetricStreamConfiguration { TagKeys = OfModels }
        : trusted.Contains(instrument.Meter.Name, StringComparer.Ordinal) ? null
        : new MetricStreamConfiguration { TagKeys = Bounded };
}
