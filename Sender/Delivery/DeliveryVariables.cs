using System.Globalization;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>
/// The environment variables by which deliveries are commonly set up; they win over the section. All errors are told at once,
/// each under its variable's name.
/// </summary>
internal sealed class DeliveryVariables(IConfiguration configuration) : IConfigureOptions<DeliveryOptions>, IValidateOptions<DeliveryOptions>
{
    /// <summary><see cref="DeliveryOptions.Timeout"/> in whole seconds, 1 to 120.</summary>
    public const string Timeout = "WEBHOOK_DELIVERY_TIMEOUT_SECONDS";

    /// <summary><see cref="DeliveryOptions.MaxRetries"/>, 0 to 20.</summary>
    public const string MaxRetries = "WEBHOOK_MAX_RETRIES";

    /// <summary><see cref="DeliveryOptions.MaxConsecutiveFailures"/>, 1 to 10000.</summary>
    public const string MaxConsecutiveFailures = "WEBHOOK_MAX_CONSECUTIVE_FAILURES";

    private static readonly (string Name, int Min, int Max, Action<DeliveryOptions, int> Set)[] All =
    [
        (Timeout, 1, 120, (options, value) => options.Timeout = TimeSpan.FromSeconds(value)),
        (MaxRetries, 0, 20, (options, value) => options.MaxRetries = value),
        (MaxConsecutiveFailures, 1, 10_000, (options, value) => options.MaxConsecutiveFailures = value),
    ];

    public void Configure(DeliveryOptions options)
    {
        foreach (var (name, min, max, set) in All)
        {
            if (Read(name, min, max) is { } value)
            {
                set(options, value);
            }
        }
    }

    public ValidateOptionsResult Validate(string? name, DeliveryOptions options)
    {
        var errors = All
            .Where(variable => configuration[variable.Name] is { Length: > 0 } && Read(variable.Name, variable.Min, variable.Max) is null)
            .Select(variable => $"{variable.Name} is a whole number from {variable.Min} to {variable.Max}.")
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private int? Read(string name, int min, int max) =>
        int.TryParse(configuration[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : null;
}
