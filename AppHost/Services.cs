using System.Reflection;

namespace Aspire.Webhooks.AppHost;

public static class Services
{
    /// <summary>A service of this solution: its ports, health check, links and icon.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, string icon)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name)
            .WithHttpHealthCheck("/health")
            .WithIconName(icon)
            .WithUrlForEndpoint("http", url => url.DisplayText = "API")
            .WithUrlForEndpoint(
                "http", endpoint => new ResourceUrlAnnotation { Url = "/docs", DisplayText = "Docs", Endpoint = endpoint })
            .WithUrlForEndpoint("http", endpoint => new ResourceUrlAnnotation
            {
                Url = "/openapi/v1.json", DisplayText = "OpenAPI", Endpoint = endpoint,
            })
            // The connection strings are enough; the single properties would be more secrets in the environment.
            .WithReferenceEnvironment(
                ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ServiceDiscovery);
        // Without it each start warns of a missing development certificate, though nothing here uses HTTPS.
#pragma warning disable ASPIRECERTIFICATES001 // It is experimental.
        service.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001
        return builder.ExecutionContext.IsRunMode ? service.WithQuickStop().StartedFromOutput<TProject>() : service;
    }

    // At a stop the dashboard is gone before the services are, which would try for 10 s to tell it their last spans.
    private static IResourceBuilder<ProjectResource> WithQuickStop(this IResourceBuilder<ProjectResource> service) =>
        service.WithEnvironment("OTEL_EXPORTER_OTLP_TIMEOUT", "500");

    // Aspire would start `dotnet run` for each service: 125 MB more each, seconds more, and an orphan when only that is killed.
    // An IDE and `dotnet watch` start projects by themselves.
    private static IResourceBuilder<ProjectResource> StartedFromOutput<TProject>(this IResourceBuilder<ProjectResource> service)
        where TProject : IProjectMetadata, new()
    {
        var configuration = service.ApplicationBuilder.Configuration;
        var (folder, program) = (Path.GetDirectoryName(new TProject().ProjectPath)!, ProgramOf<TProject>());
        if (configuration["DEBUG_SESSION_PORT"] is { Length: > 0 }
            || configuration["DOTNET_WATCH"] is { Length: > 0 }
            || !File.Exists(program))
        {
            return service;
        }

        return service.WithAnnotation(new ExecutableAnnotation { Command = "dotnet", WorkingDirectory = folder })
            .WithArgs(Path.GetRelativePath(folder, program));
    }

    /// <summary>Where the project's built program is.</summary>
    internal static string ProgramOf<TProject>()
        where TProject : IProjectMetadata, new()
    {
        var project = new TProject().ProjectPath;
        var file = Path.ChangeExtension(Path.GetFileName(project), ".dll");
        return Path.Combine(Path.GetDirectoryName(project)!, Metadata("ServiceOutput"), file);
    }

    internal static string Metadata(string key) => typeof(Services).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
