using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Settings of the circuit breaker of endpoints. Section <c>Webhooks:Delivery:Circuit</c>.</summary>
public sealed class CircuitOptions
{
    /// <summary>
    /// The number of consecutive failed attempts that opens the circuit. If the last one timed out, two are enough.
    /// </summary>
    [Range(1, 1000)]
    public int Threshold { get; set; } = 5;

    /// <summary>
    /// The shortest time that the circuit stays open. The time grows with how long the endpoint has been failing. When it ends,
    /// one attempt decides whether the circuit closes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Hold { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest time that the circuit stays open, but never less than <see cref="Hold"/>. Up to a fifth is added to each time
    /// at random.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan MaxHold { get; set; } = TimeSpan.FromMinutes(5);
}
