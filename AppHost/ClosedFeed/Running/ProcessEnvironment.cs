using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>The environment variables that a process gets beside those of the host.</summary>
internal sealed class ProcessEnvironment(IConfiguration configuration, IHostEnvironment host, DistributedApplicationModel model)
{
    public async Task<IReadOnlyDictionary<string, string?>> OfAsync(Resource resource, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (resource is ProjectResource project)
        {
            AddProject(project, variables);
        }

        foreach (var (name, value) in resource.Environment)
        {
            variables[name] = value is IValueProvider provider ? await provider.GetValueAsync(cancellationToken) : (string?)value;
        }

        foreach (var endpoint in resource.Endpoints)
        {
            if (endpoint.EnvironmentVariable is { } name)
            {
                variables[name] = $"{endpoint.AllocatedPort}";
            }
        }

        return variables;
    }

    private void AddProject(ProjectResource project, Dictionary<string, string?> variables)
    {
        variables["ASPNETCORE_URLS"] = string.Join(';', project.GetEndpoints().Select(endpoint => endpoint.Url));
        variables["OTEL_SERVICE_NAME"] = project.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        if (Dashboard.OtlpUrl(model) is { } dashboard)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = dashboard;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
        }
        else if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } collector)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
        }

        if (configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
        {
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
        }

        if (!host.IsDevelopment())
        {
            return;
        }

        // What a developer does should be on the dashboard at once, and all of it.
        foreach (var delay in (ReadOnlySpan<string>)["OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"])
        {
            variables[delay] = "1000";
        }

        variables["OTEL_TRACES_SAMPLER"] = "always_on";
        variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }
}
