using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>When an endpoint that fails is left alone for a while. Section <c>Webhooks:Delivery:Circuit</c>.</summary>
public sealed class CircuitOptions
{
    /// <summary>
    /// How many attempts in a row fail until no more are made for a time; two are enough where the latter ran out of time.
    /// </summary>
    [Range(1, 1000)]
    public int Threshold { get; set; } = 5;

    /// <summary>
    /// The shortest time without attempts. It grows with how long the endpoint has been failing; one attempt at its end decides.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Hold { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest, up to a fifth longer by chance as all are; never shorter than <see cref="Hold"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan MaxHold { get; set; } = TimeSpan.FromMinutes(5);
}
