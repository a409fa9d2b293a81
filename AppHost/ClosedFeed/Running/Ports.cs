using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Running;

/// <summary>Gives each endpoint its port.</summary>
internal static class Ports
{
    /// <exception cref="DistributedApplicationException">A port that was asked for is in use.</exception>
    public static void Allocate(IEnumerable<IResource> resources, bool anyPort)
    {
        var taken = new HashSet<int>();
        foreach (var resource in resources.OfType<Resource>())
        {
            foreach (var endpoint in resource.Endpoints)
            {
                var wanted = anyPort ? null : endpoint.Port;
                if (wanted is { } port && !IsFree(port))
                {
                    throw new DistributedApplicationException($"Port {port} ({resource.Name}) is in use. {Advice(resource)}");
                }

                endpoint.AllocatedPort = wanted ?? FreePort(taken);
            }
        }
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort(HashSet<int> taken)
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (taken.Add(port))
            {
                return port;
            }
        }
    }

    private static string Advice(Resource resource)
    {
        if (resource is not ProjectResource project)
        {
            return "Stop what uses it.";
        }

        var folder = Path.GetFileName(Path.GetDirectoryName(project.ProjectPath));
        return $"Stop what uses it, or change {folder}/Properties/launchSettings.json.";
    }
}
