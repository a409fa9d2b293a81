using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Settings of pings. Section <c>Webhooks:Pings</c>.</summary>
public sealed class PingOptions
{
    public const string Section = "Webhooks:Pings";

    /// <summary>
    /// The number of pings per minute that a merchant can send from each process, so that nobody probes other servers through
    /// us.
    /// </summary>
    [Range(1, 10_000)]
    public int PerMinute { get; set; } = 20;
}
