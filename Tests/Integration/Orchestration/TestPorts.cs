using System.Net;
using System.Net.Sockets;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

internal static class TestPorts
{
    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
