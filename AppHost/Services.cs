using System.Reflection;

namespace Aspire.Webhooks.AppHost;

public static class Services
{
    /// <summary>Adds a service of this solution with its ports, health check, links and icon.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, string icon)
        where TProject : IProjectMetadata, new() => builder.AddWebProject<TProject>(name, icon)
        .WithUrlForEndpoint("http", url => url.DisplayText = "API")
        .WithUrlForEndpoint(
            "http", endpoint => new ResourceUrlAnnotation { Url = "/docs", DisplayText = "Docs", Endpoint = endpoint })
        .WithUrlForEndpoint("http", endpoint => new ResourceUrlAnnotation
        {
            Url = "/openapi/v1.json", DisplayText = "OpenAPI", Endpoint = endpoint,
        });

    /// <summary>Adds a project that answers HTTP, with its port, health check and icon.</summary>
    public static IResourceBuilder<ProjectResource> AddWebProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string icon)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name)
            .WithHttpHealthCheck("/health")
            .WithIconName(icon)
            // Only the connection strings are passed: the separate properties would put more secrets into the environment.
            .WithReferenceEnvironment(
                ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ServiceDiscovery);
        // Without this, each start warns about a missing development certificate, although nothing here uses HTTPS.
#pragma warning disable ASPIRECERTIFICATES001 // It is experimental.
        service.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001
        return service.WithQuickStop().StartedFromOutput<TProject>();
    }

    // During a stop the dashboard ends before the services, which would try for 10 s to export their last spans.
    private static IResourceBuilder<ProjectResource> WithQuickStop(this IResourceBuilder<ProjectResource> service) =>
        service.WithEnvironment("OTEL_EXPORTER_OTLP_TIMEOUT", "500");

    // By default Aspire starts `dotnet run` for each service, which takes 125 MB more per service and seconds more, and leaves
    // an orphan when only that process is killed. An IDE and `dotnet watch` start projects themselves.
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

    /// <summary>Returns the path of the project's built program.</summary>
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
