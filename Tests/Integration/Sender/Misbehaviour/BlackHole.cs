using System.Net;
using System.Net.Sockets;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>An address of this machine that answers no attempt to connect: a listener whose backlog is full.</summary>
internal sealed class BlackHole : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _filling = new(SocketType.Stream, ProtocolType.Tcp);

    private BlackHole()
    {
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public static async Task<BlackHole> OpenAsync(IPEndPoint endpoint)
    {
        var hole = new BlackHole();
        hole._listener.Bind(endpoint);
        hole._listener.Listen(0);
        await hole._filling.ConnectAsync(hole._listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        return hole;
    }

    public void Dispose()
    {
        _filling.Dispose();
        _listener.Dispose();
    }
}
