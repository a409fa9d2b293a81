using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>One POST as a merchant's server got it.</summary>
/// <param name="Number">1 for the first.</param>
public sealed record MerchantRequest(int Number, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>How a merchant's server answers; without one it says 200.</summary>
public delegate Task MerchantAnswer(MerchantRequest request, HttpContext context);

/// <summary>A merchant's server on loopback: it records what arrives, byte for byte, and answers as the test says.</summary>
public sealed class MerchantServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MerchantAnswer? _answer;
    private readonly Channel<MerchantRequest> _arrivals = Channel.CreateUnbounded<MerchantRequest>();
    private readonly ConcurrentQueue<MerchantRequest> _all = [];
    private int _requests;
    private int _connections;

    private MerchantServer(MerchantAnswer? answer, X509Certificate2? certificate, IPAddress address)
    {
        _answer = answer;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, 0, listen =>
        {
            listen.Use(next => connection =>
            {
                Interlocked.Increment(ref _connections);
                return next(connection);
            });
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        _app = builder.Build();
        _app.Run(ReceiveAsync);
    }

    public Uri Url { get; private set; } = null!;

    public int Port => Url.Port;

    public IReadOnlyCollection<MerchantRequest> All => _all;

    /// <summary>TCP connections so far, whatever came through them.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <param name="address">An address of this machine; loopback unless told.</param>
    public static async Task<MerchantServer> StartAsync(
        MerchantAnswer? answer = null, X509Certificate2? certificate = null, IPAddress? address = null)
    {
        var server = new MerchantServer(answer, certificate, address ?? IPAddress.Loopback);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        var addresses = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        server.Url = new Uri(new Uri(addresses.Single()), "/hooks");
        return server;
    }

    /// <summary>Answers with these statuses in turn, then with the last one again and again.</summary>
    public static Task<MerchantServer> StartAsync(params int[] statuses) => StartAsync((request, context) =>
    {
        context.Response.StatusCode = statuses[Math.Min(request.Number, statuses.Length) - 1];
        return Task.CompletedTask;
    });

    /// <summary>The next request that has not been asked for yet.</summary>
    public async Task<MerchantRequest> NextAsync() =>
        await _arrivals.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.Limit);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new MerchantRequest(Interlocked.Increment(ref _requests), context.Request.Path, headers, body.ToArray());
        _all.Enqueue(request);
        _arrivals.Writer.TryWrite(request);
        if (_answer is not null)
        {
            await _answer(request, context);
        }
    }
}
