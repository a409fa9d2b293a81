using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Egress;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.Egress;

/// <summary>A guard that is told what names resolve to and which writes down where it wants to connect.</summary>
internal sealed class RecordingGuard
{
    private readonly Func<string, IPAddress[]> _resolve;
    private readonly int _listener;
    private readonly ConcurrentQueue<IPEndPoint> _connects = [];
    private int _resolutions;

    /// <param name="listener">The only port of this machine that is really connected to.</param>
    public RecordingGuard(Func<string, IPAddress[]> resolve, int listener = 0, string[]? loopback = null)
    {
        _listener = listener;
        _resolve = resolve;
        Guard = new EgressGuard(
            Options.Create(new EgressOptions { Loopback = loopback ?? [] }), TimeProvider.System, ResolveAsync, ConnectAsync);
    }

    public EgressGuard Guard { get; }

    public IReadOnlyCollection<IPEndPoint> Connects => _connects;

    public int Resolutions => _resolutions;

    /// <summary>
    /// Sends a request past <see cref="EgressGuard.Refusal"/>, over the guard's handler alone; null when it was answered.
    /// </summary>
    public async Task<Exception?> SendAsync(Uri url)
    {
        using var client = new HttpClient(Guard.CreateHandler(TimeSpan.FromSeconds(30)));
        var failure = await Record.ExceptionAsync(() => client.GetAsync(url, TestContext.Current.CancellationToken));
        return failure is HttpRequestException { InnerException: { } inner } ? inner : failure;
    }

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _resolutions);
        return Task.FromResult(_resolve(host));
    }

    // Elsewhere nothing is sent, so that no test leaves the machine.
    private async Task<Stream> ConnectAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        _connects.Enqueue(endpoint);
        return endpoint.Port == _listener && IPAddress.IsLoopback(endpoint.Address)
            ? await EgressGuard.OpenSocketAsync(endpoint, cancellationToken)
            : throw new SocketException((int)SocketError.ConnectionRefused);
    }
}
