using System.Text.Json;

namespace Aspire.Hosting;

public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project, with the endpoints and environment of the first profile in its launchSettings.json.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
    {
        var project = builder.AddResource(new ProjectResource(name) { ProjectPath = new TProject().ProjectPath });
        project.WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "simple");
        var settings = Path.Combine(Path.GetDirectoryName(project.Resource.ProjectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(settings))
        {
            return project;
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(settings));
        var profile = json.RootElement.GetProperty("profiles").EnumerateObject().First();
        project.WithEnvironment("DOTNET_LAUNCH_PROFILE", profile.Name);
        if (profile.Value.TryGetProperty("applicationUrl", out var urls))
        {
            foreach (var url in urls.GetString()!.Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                AddEndpoint(project.Resource, new Uri(url));
            }
        }

        if (profile.Value.TryGetProperty("environmentVariables", out var variables))
        {
            foreach (var variable in variables.EnumerateObject())
            {
                project.WithEnvironment(variable.Name, variable.Value.GetString());
            }
        }

        return project;
    }

    private static void AddEndpoint(ProjectResource project, Uri url)
    {
        var sameScheme = project.Endpoints.Count(e => e.UriScheme == url.Scheme);
        var name = sameScheme == 0 ? url.Scheme : $"{url.Scheme}{sameScheme + 1}";
        project.Endpoints.Add(new EndpointAnnotation(name, url.Scheme) { Port = url.Port });
    }
}
