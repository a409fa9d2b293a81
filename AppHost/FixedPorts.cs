using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Checks the fixed ports of the launch settings. The orchestrator does not report a port that is in use; the service would
/// only stay unhealthy.
/// </summary>
internal static class FixedPorts
{
    /// <summary>Returns a message for each port that is in use; none when ports are chosen at random.</summary>
    public static IReadOnlyList<string> InUse(DistributedApplicationModel model, IConfiguration configuration)
    {
        if (configuration.GetValue<bool>("DcpPublisher:RandomizePorts"))
        {
            return [];
        }

        var services =
            from project in model.Resources.OfType<ProjectResource>()
            from endpoint in project.Annotations.OfType<EndpointAnnotation>()
            where endpoint.Port is not null
            let folder = Path.GetFileName(Path.GetDirectoryName(project.GetProjectMetadata().ProjectPath))
            select (Port: endpoint.Port!.Value, project.Name, Folder: folder);
        var dashboard =
            from url in (configuration["ASPNETCORE_URLS"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            where Uri.IsWellFormedUriString(url, UriKind.Absolute)
            select (new Uri(url).Port, Name: "dashboard", Folder: (string?)"AppHost");
        return
        [
            .. services.Concat(dashboard)
                .Where(used => IsInUse(used.Port))
                .Select(used => $"Port {used.Port} ({used.Name}) is in use. "
                    + $"Stop what uses it, or change {used.Folder}/Properties/launchSettings.json."),
        ];
    }

    /// <summary>Whether a process listens on the port of the loopback address.</summary>
    public static bool IsInUse(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
    }
}
