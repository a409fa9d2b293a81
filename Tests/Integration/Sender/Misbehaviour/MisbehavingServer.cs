using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>
/// A server on loopback that does what a script says on each connection, after the handshake if it has a certificate.
/// </summary>
internal sealed class MisbehavingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Wire, Task> _script;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly FakeTimeProvider _clock;
    private readonly Task _accepting;
    private readonly ConcurrentQueue<Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Meter _said = new();
    private int _accepted;

    public MisbehavingServer(Func<Wire, Task> script, X509Certificate2? certificate, FakeTimeProvider clock)
    {
        _script = script;
        _clock = clock;

        // Offline: the server, too, would look for a missing issuer where the certificate says that it is.
        _tls = certificate is null
            ? null
            : new() { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true) };
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What the client reads and writes.</summary>
    public Meter Client { get; } = new();

    public int Connections => Volatile.Read(ref _accepted);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();

        // The loop ends before the listener does: to accept on a stopped listener is an error of another kind.
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
        await Task.WhenAll(_connections).WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);

                // The connection is counted before anything happens on it.
                _connections.Enqueue(ServeAsync(Interlocked.Increment(ref _accepted), socket));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(int number, Socket socket)
    {
        // A script that never waits does not keep the loop from the next connection.
        await Task.Yield();
        await using var plain = _said.Over(socket);
        try
        {
            if (_tls is null)
            {
                await _script(new(number, socket, plain, _said, Client, _clock));
                return;
            }

            await using var encrypted = new SslStream(plain);
            await encrypted.AuthenticateAsServerAsync(_tls, TestContext.Current.CancellationToken);
            await _script(new(number, socket, encrypted, _said, Client, _clock));
        }
        catch (Exception exception) when (
            exception is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // The client hung up, or the script did.
        }
    }
}
