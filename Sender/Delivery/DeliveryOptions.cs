using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.Sender.Endpoints;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>How messages are POSTed. Section <c>Webhooks:Delivery</c>.</summary>
public sealed class DeliveryOptions
{
    public const string Section = "Webhooks:Delivery";

    /// <summary>How long one attempt may take in all.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long resolving and connecting may take of it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The waits between attempts: <c>Default</c> is 1 s, 10 s, 60 s; <c>Standard</c>, of Standard Webhooks, is 5 s, 5 min, 30
    /// min, 2 h, 5 h, 10 h, 10 h.
    /// </summary>
    public RetryPlan Schedule { get; set; }

    /// <summary>
    /// How often a failed delivery is tried again. Not set: as often as the schedule has waits; beyond, the last wait repeats.
    /// </summary>
    [Range(0, 20)]
    public int? MaxRetries { get; set; }

    /// <summary>The longest wait that a 429's or 503's Retry-After can ask for. 0 heeds none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How many deliveries in a row may fail for good, all their attempts used up, until the endpoint is made inactive.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxConsecutiveFailures { get; set; } = 10;

    /// <summary>When an endpoint is left alone for a while.</summary>
    public CircuitOptions Circuit { get; set; } = new();
}
