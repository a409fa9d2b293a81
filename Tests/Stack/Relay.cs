using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>
/// A TCP relay on loopback that can be cut and restored: an outage of the server behind it, for one test alone.
/// </summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _target;
    private readonly Task _accepting;
    private volatile bool _cut;

    public Relay(int targetPort)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Breaks all connections and lets no new one through.</summary>
    public void Cut()
    {
        _cut = true;
        foreach (var client in _open.Keys)
        {
            client.Close();
        }
    }

    public void Restore() => _cut = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Cut();

        // The loop ends before the listener does: to accept on a stopped listener is an error of another kind.
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var incoming = client;
        using var outgoing = new TcpClient { NoDelay = true };
        incoming.NoDelay = true;
        _open[incoming] = true;
        _open[outgoing] = true;
        try
        {
            if (_cut)
            {
                return;
            }

            await outgoing.ConnectAsync(_target, _stop.Token);
            await Task.WhenAny(
                incoming.GetStream().CopyToAsync(outgoing.GetStream(), _stop.Token),
                outgoing.GetStream().CopyToAsync(incoming.GetStream(), _stop.Token));
        }
        catch (Exception exception) when (
            exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException
                or InvalidOperationException)
        {
            // One side is gone; so is the other now.
        }
        finally
        {
            _open.TryRemove(incoming, out _);
            _open.TryRemove(outgoing, out _);
        }
    }
}
