using System.CommandLine;
using System.Globalization;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Cli;

/// <summary>What the commands have in common.</summary>
internal static class SharedOptions
{
    /// <summary>The option that says how requests are signed.</summary>
    public static Option<string> SchemeOption()
    {
        var scheme = new Option<string>("--scheme")
        {
            Description =
                $"How requests are signed: {string.Join(", ", SignatureSchemes.ByName.Keys.Order(StringComparer.Ordinal))}.",
            DefaultValueFactory = _ => "standard",
        };
        scheme.AcceptOnlyFromAmong([.. SignatureSchemes.ByName.Keys]);
        return scheme;
    }

    /// <summary>An option that is a whole number from a range.</summary>
    public static Option<int> NumberOption(string name, string description, int fallback, int min, int max)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description} {min} to {max}.", DefaultValueFactory = _ => fallback,
        };
        option.Validators.Add(result =>
        {
            // The library tells of what is no number, and throws where it is asked for its value.
            if (result.Tokens is [{ Value: var text }]
                && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                && (number < min || number > max))
            {
                result.AddError($"{name} is a whole number from {min} to {max}.");
            }
        });
        return option;
    }

    /// <summary>The variables that hold a scheme's secret unless the caller names others; the first that is set counts.</summary>
    public static string[] SecretKeys(string scheme) => [$"WEBHOOK_SECRET_{scheme.ToUpperInvariant()}", "WEBHOOK_SECRET"];
}
