using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>The command that runs a resource.</summary>
internal static class Commands
{
    /// <summary>Null for what is no process.</summary>
    public static async Task<ProcessStartInfo?> OfAsync(
        Resource resource, ProcessEnvironment environment, CancellationToken cancellationToken)
    {
        var command = resource switch
        {
            ExecutableResource executable => new ProcessStartInfo(executable.Command, executable.Arguments)
            {
                WorkingDirectory = executable.WorkingDirectory,
            },
            ProjectResource project => OfProject(project.ProjectPath),
            _ => null,
        };
        if (command is null)
        {
            return null;
        }
        // How the host itself was started says nothing to what it starts; Aspire's dashboard would even take it for its own.
        foreach (var name in command.Environment.Keys.Where(IsTheHosts).ToList())
        {
            command.Environment.Remove(name);
        }

        foreach (var (name, value) in await environment.OfAsync(resource, cancellationToken))
        {
            command.Environment[name] = value;
        }

        return command;
    }

    private static bool IsTheHosts(string variable) =>
        variable is "ASPNETCORE_URLS" or "DOTNET_LAUNCH_PROFILE" || variable.StartsWith("ASPIRE_", StringComparison.Ordinal);

    // The built output, not `dotnet run`: one process to signal, and no second build while the first one is in use.
    private static ProcessStartInfo OfProject(string projectPath)
    {
        var folder = Path.GetDirectoryName(projectPath)!;
        var name = Path.GetFileNameWithoutExtension(projectPath);
        var assembly = Path.Combine(folder, Projects.AppHost.ServiceOutput, name + ".dll");
        if (!File.Exists(assembly))
        {
            throw new DistributedApplicationException($"{name} is not built ({assembly} is missing). Run dotnet build.");
        }

        return new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [assembly])
        {
            WorkingDirectory = folder,
        };
    }
}
