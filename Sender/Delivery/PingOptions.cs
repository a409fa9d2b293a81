using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>How endpoints are tried. Section <c>Webhooks:Pings</c>.</summary>
public sealed class PingOptions
{
    public const string Section = "Webhooks:Pings";

    /// <summary>
    /// How many pings a merchant can cause in a minute, in each process: nobody is to knock on others' doors through us.
    /// </summary>
    [Range(1, 10_000)]
    public int PerMinute { get; set; } = 20;
}
