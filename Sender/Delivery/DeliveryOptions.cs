using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.Extensions.Options;

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

    /// <summary>The waits between attempts: <c>Default</c> or <c>Standard</c>.</summary>
    public RetryPlan Schedule { get; set; }

    /// <summary>
    /// How often a failed delivery is tried again, from 0 to 20. Default: as often as the schedule has waits; beyond, the last
    /// wait repeats.
    /// </summary>
    [Range(0, 20)]
    public int? MaxRetries { get; set; }

    /// <summary>The longest wait that a 429's or 503's Retry-After can ask for. Default 1 h, up to 1 day; 0 heeds none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How many deliveries in a row may fail for good, all their attempts used up, until the endpoint is made inactive.
    /// Default 10, from 1 to 10,000.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxConsecutiveFailures { get; set; } = 10;

    /// <summary>
    /// Whether deliveries and pings carry <c>traceparent</c>. Default false: merchants are strangers to each other and to us,
    /// and one trace id would tell two of them that the same event is behind what each of them got, and tell both of the sender
    /// of the event whose trace it is. Set true where all endpoints are services of your own.
    /// </summary>
    public bool PropagateTrace { get; set; }

    /// <summary>When an endpoint is left alone for a while.</summary>
    [ValidateObjectMembers]
    public CircuitOptions Circuit { get; set; } = new();
}
