using System.Diagnostics.Metrics;
using System.Net;
using System.Threading.Channels;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// The bounded line of rejected requests to remember. Anybody can fill it, so that it must cost no more then than it does
/// now: what does not fit is counted (<c>webhook.rejections_dropped</c>) and forgotten.
/// </summary>
public sealed class RejectionLog(TimeProvider time)
{
    private const int Capacity = 1000;

    private static readonly Counter<long> Dropped =
        WebhookTelemetry.Meter.CreateCounter<long>(
            "webhook.rejections_dropped", "{request}", "Rejected requests that were not remembered.");

    private readonly Channel<RejectedRequest> _line = Channel.CreateBounded<RejectedRequest>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    public ChannelReader<RejectedRequest> Reader => _line.Reader;

    /// <summary>Remembers a request that was refused. Never waits and never fails.</summary>
    /// <param name="source">A configured source's name, or <c>unknown</c>; never what the sender wrote.</param>
    /// <param name="reason">What we found, in our words; never what the sender wrote.</param>
    public void Record(string source, string reason, IPAddress? remoteAddress, string? traceId)
    {
        var now = time.GetUtcNow();
        var rejected = new RejectedRequest
        {
            Id = Guid.CreateVersion7(now), Source = source, Reason = reason, ReceivedAt = now,
            RemoteAddress = Text(remoteAddress), TraceId = traceId,
        };
        if (!_line.Writer.TryWrite(rejected))
        {
            Drop(1);
        }
    }

    internal static void Drop(int count) => Dropped.Add(count);

    /// <summary>An address as it is stored: IPv4 as such, also where the socket speaks IPv6.</summary>
    public static string Text(IPAddress? address) =>
        address is null ? "unknown" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
