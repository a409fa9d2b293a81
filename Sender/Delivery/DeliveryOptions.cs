using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>How messages are POSTed. Section <c>Webhooks:Delivery</c>.</summary>
public sealed class DeliveryOptions
{
    public const string Section = "Webhooks:Delivery";

    /// <summary>How long one attempt may take in all. Default 30 s, from 1 s to 2 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long resolving and connecting may take of it. Default 5 s, from 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
