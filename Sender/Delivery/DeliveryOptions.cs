using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.Sender.Endpoints;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Settings of deliveries. Section <c>Webhooks:Delivery</c>.</summary>
public sealed class DeliveryOptions
{
    public const string Section = "Webhooks:Delivery";

    /// <summary>The time limit of an attempt.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time limit of name resolution, connection and TLS handshake, within <c>Timeout</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The waits between attempts: <c>Default</c> is 1 s, 10 s, 60 s; <c>Standard</c>, from Standard Webhooks, is 5 s, 5 min,
    /// 30 min, 2 h, 5 h, 10 h, 10 h.
    /// </summary>
    public DeliverySchedule Schedule { get; set; }

    /// <summary>
    /// The number of retries of a failed delivery. By default it is the number of waits in the schedule; further retries repeat
    /// the last wait.
    /// </summary>
    [Range(0, 20)]
    public int? MaxRetries { get; set; }

    /// <summary>The longest wait that the Retry-After of a 429 or 503 can request. 0 ignores Retry-After.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The number of consecutive deliveries that fail after all their attempts, after which the endpoint becomes inactive.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxConsecutiveFailures { get; set; } = 10;

    /// <summary>
    /// Whether deliveries and pings carry <c>traceparent</c>. A shared trace id would show two merchants that the same event
    /// caused their messages, and would show both of them the trace of its sender. Set true where all endpoints are services of
    /// your own.
    /// </summary>
    public bool PropagateTrace { get; set; }

    /// <summary>The circuit breaker of endpoints.</summary>
    public CircuitOptions Circuit { get; set; } = new();
}
