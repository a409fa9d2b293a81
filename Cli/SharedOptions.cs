using System.CommandLine;
using System.Globalization;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Cli;

/// <summary>Options that the commands share.</summary>
internal static class SharedOptions
{
    /// <summary>Creates the option for the scheme.</summary>
    /// <param name="isPossible">Whether the command works with a scheme.</param>
    public static Option<string> SchemeOption(Func<SignatureScheme, bool> isPossible)
    {
        string[] names =
        [
            .. SignatureSchemes.ByName.Where(scheme => isPossible(scheme.Value)).Select(scheme => scheme.Key)
                .Order(StringComparer.Ordinal),
        ];
        var scheme = new Option<string>("--scheme")
        {
            Description = $"How requests are signed: {string.Join(", ", names)}.",
            DefaultValueFactory = _ => "standard",
        };
        scheme.AcceptOnlyFromAmong(names);
        return scheme;
    }

    /// <summary>Creates an option for a whole number in a range.</summary>
    public static Option<int> NumberOption(string name, string description, int fallback, int min, int max)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description} {min} to {max}.", DefaultValueFactory = _ => fallback,
        };
        option.Validators.Add(result =>
        {
            // System.CommandLine reports a text that is not a number itself, and throws when a validator reads its value.
            if (result.Tokens is [{ Value: var text }]
                && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                && (number < min || number > max))
            {
                result.AddError($"{name} is a whole number from {min} to {max}.");
            }
        });
        return option;
    }

    /// <summary>Returns the default variables of a scheme's secret. The first that is set is used.</summary>
    public static string[] SecretKeys(string scheme) =>
        [SourceKeys.Secret(scheme), "WEBHOOK_SECRET"];
}
