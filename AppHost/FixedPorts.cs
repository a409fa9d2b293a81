using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// The ports that launch settings name. The orchestrator says nothing of one that it cannot have: the service would only
/// stay unhealthy.
/// </summary>
internal static class FixedPorts
{
    /// <summary>A sentence for each that somebody else uses; none where ports are chosen at random.</summary>
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

    /// <summary>Whether somebody listens on the port of loopback.</summary>
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
