using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>The usual environment variables of deliveries. They take precedence over <c>Webhooks:Delivery</c>.</summary>
public sealed class DeliveryVariables
{
    /// <summary><see cref="DeliveryOptions.Timeout"/> in whole seconds.</summary>
    [ConfigurationKeyName("WEBHOOK_DELIVERY_TIMEOUT_SECONDS"), Range(1, 120)]
    public int? Timeout { get; set; }

    /// <summary><see cref="DeliveryOptions.MaxRetries"/>.</summary>
    [ConfigurationKeyName("WEBHOOK_MAX_RETRIES"), Range(0, 20)]
    public int? MaxRetries { get; set; }

    /// <summary><see cref="DeliveryOptions.MaxConsecutiveFailures"/>.</summary>
    [ConfigurationKeyName("WEBHOOK_MAX_CONSECUTIVE_FAILURES"), Range(1, 10_000)]
    public int? MaxConsecutiveFailures { get; set; }

    /// <summary>Applies the variables that are set and valid.</summary>
    public static void Apply(DeliveryOptions options, IConfiguration configuration)
    {
        var variables = new SectionBinder([]).Read<DeliveryVariables>(configuration, "");
        options.Timeout = variables.Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : options.Timeout;
        options.MaxRetries = variables.MaxRetries ?? options.MaxRetries;
        options.MaxConsecutiveFailures = variables.MaxConsecutiveFailures ?? options.MaxConsecutiveFailures;
    }
}
