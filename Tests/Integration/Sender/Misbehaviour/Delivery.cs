using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>Makes an attempt as the Sender does, without its queue and its tables.</summary>
internal static class Delivery
{
    public static readonly byte[] Payload = """{"type":"invoice.paid"}"""u8.ToArray();

    /// <summary>A guard that reaches loopback, trusts an authority and meters what it reads.</summary>
    /// <param name="connect">In place of connecting.</param>
    public static EgressGuard Guard(
        TimeProvider clock, string trusted, Meter meter, Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null) => new(
        Options.Create(new EgressOptions { Loopback = ["127.0.0.1:*", "localhost:*"], TrustedCertificates = [trusted] }), clock,
        resolve ?? ((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback])),
        connect ?? (
            async (endpoint, token) => meter.Over(((NetworkStream)await EgressGuard.OpenSocketAsync(endpoint, token)).Socket)));

    public static DeliveryClient Client(EgressGuard guard, TimeProvider clock) =>
        new(guard, new Redactor([]), Options.Create(new DeliveryOptions()), clock);

    public static async Task<AttemptResult> SendAsync(DeliveryClient client, Uri url)
    {
        var endpoint = new StoredEndpoint(
            Guid.Empty, url, [new Secret(Services.StandardSecret)], new Dictionary<string, Secret>(StringComparer.Ordinal));
        var delivery = new StoredDelivery(
            Guid.Empty, "msg_1", "invoice.paid", Payload, "application/json", null, DateTimeOffset.UnixEpoch, endpoint);
        return await client.SendAsync(delivery, TestContext.Current.CancellationToken)
            .WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
    }
}
