using System.Diagnostics.Metrics;
using System.Net;
using System.Threading.Channels;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Queues rejected requests for storage, up to a limit. Anybody can cause rejections, so their cost must stay bounded: those
/// that do not fit are counted (<c>webhook.rejections_dropped</c>) and dropped.
/// </summary>
public sealed class RejectionLog(TimeProvider time)
{
    private const int Capacity = 1000;

    private static readonly Counter<long> Dropped =
        WebhookTelemetry.Meter.CreateCounter<long>(
            "webhook.rejections_dropped", "{request}", "Rejected requests that were not stored.");

    private readonly Channel<RejectedRequest> _line = Channel.CreateBounded<RejectedRequest>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    public ChannelReader<RejectedRequest> Reader => _line.Reader;

    /// <summary>Queues a rejection. Never waits and never fails.</summary>
    /// <param name="source">The name of a configured source, or <c>unknown</c>; never text of the sender.</param>
    /// <param name="reason">Our reason; never text of the sender.</param>
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

    /// <summary>Returns an address as it is stored. IPv4-mapped addresses become IPv4.</summary>
    public static string Text(IPAddress? address) =>
        address is null ? "unknown" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
