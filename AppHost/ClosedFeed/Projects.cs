using System.Reflection;

// Aspire's SDK generates these from the project references.
namespace Projects;

public sealed class AppHost : IProjectMetadata
{
    private static readonly Assembly Assembly = typeof(AppHost).Assembly;

    internal static string Directory => Metadata("AppHostProjectPath");

    /// <summary>Where a project's build puts its output, seen from the project: the host's own configuration.</summary>
    internal static string ServiceOutput => Metadata("ServiceOutput");

    internal static string UserSecretsId => Metadata("UserSecretsId");

    public string ProjectPath => Path.Combine(Directory, "AppHost.csproj");

    internal static string Sibling(string project) =>
        Path.GetFullPath(Path.Combine(Directory, "..", project, project + ".csproj"));

    private static string Metadata(string key) =>
        Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}

public sealed class Receiver : IProjectMetadata
{
    public string ProjectPath => AppHost.Sibling("Receiver");
}

public sealed class Worker : IProjectMetadata
{
    public string ProjectPath => AppHost.Sibling("Worker");
}

public sealed class Sender : IProjectMetadata
{
    public string ProjectPath => AppHost.Sibling("Sender");
}
