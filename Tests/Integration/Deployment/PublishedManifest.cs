using System.Text.Json.Nodes;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Deployment;

/// <summary>The manifest that the AppHost publishes for azd, with the Console, once for all tests.</summary>
internal sealed class PublishedManifest
{
    /// <summary>The value of each secret in the environment of the publishing process.</summary>
    public const string Canary = "canary-4f1d9c";

    private static readonly Lazy<Task<PublishedManifest>> Published = new(PublishAsync);

    private PublishedManifest(DirectoryInfo folder)
    {
        Folder = folder;
        Text = File.ReadAllText(Path.Combine(folder.FullName, "manifest.json"));
        Resources = JsonNode.Parse(Text)!["resources"]!.AsObject();
    }

    public static Task<PublishedManifest> GetAsync() => Published.Value;

    /// <summary>Where the manifest and its modules are.</summary>
    public DirectoryInfo Folder { get; }

    public string Text { get; }

    public JsonObject Resources { get; }

    public IEnumerable<(string Name, JsonObject Resource)> OfType(string type) => Resources
        .Where(resource => (string?)resource.Value!["type"] == type)
        .Select(resource => (resource.Key, resource.Value!.AsObject()));

    /// <summary>Returns the environment variables of a service.</summary>
    public IReadOnlyList<string> VariablesOf(string service) =>
        [.. Resources[service]!["env"]!.AsObject().Select(variable => variable.Key)];

    private static async Task<PublishedManifest> PublishAsync()
    {
        var folder = Directory.CreateTempSubdirectory("manifest-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        var host = Projects.AppHost.ProjectPath;
        var program = Path.Combine(host, AppHost.Services.Metadata("ServiceOutput"), "AppHost.dll");
        var manifest = Path.Combine(folder.FullName, "manifest.json");
        var published = await FinishedProcess.RunAsync(
            program,
            ["--publisher", "manifest", "--output-path", manifest],
            start =>
            {
                start.WorkingDirectory = host;
                start.Environment["Deployment__Console"] = "true";
                foreach (var key in (string[])["WEBHOOK_SECRET_GITHUB", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "OPENAI_API_KEY"])
                {
                    start.Environment[key] = Canary;
                }
            },
            limit: TimeSpan.FromMinutes(3));
        Assert.True(published.ExitCode == 0, published.Output + published.Errors);
        return new(folder);
    }
}
