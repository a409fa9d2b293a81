using System.Text.RegularExpressions;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>What the settings of sources and of schemes have in common.</summary>
internal static partial class Settings
{
    /// <summary>Names of sources and schemes.</summary>
    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.NonBacktracking)]
    public static partial Regex NameRule();

    [GeneratedRegex("configuration value '.*' at", RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex QuotedValue();

    [GeneratedRegex(@"\A'ErrorOnUnknownConfiguration' .* on the instance of [^:]*: ", RegexOptions.NonBacktracking)]
    private static partial Regex UnknownSettings();

    /// <summary>Paths beside <c>/webhooks/{source}</c>.</summary>
    [GeneratedRegex(@"\A(/[a-z0-9-]+)+\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex PathRule();

    /// <summary>A name as part of a configuration key: <c>my-shop</c> is <c>MY_SHOP</c>.</summary>
    public static string KeyPart(string name) => name.ToUpperInvariant().Replace('-', '_');

    /// <summary>Binds a section; null when it has a value of another type or a setting that does not exist.</summary>
    public static T? Bind<T>(IConfigurationSection section, List<string> errors)
        where T : class, new()
    {
        try
        {
            return section.Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new();
        }
        catch (InvalidOperationException exception)
        {
            // Within a list, the reason is in the exception inside. It quotes the value, which may be a secret in the wrong place.
            var reason = (exception.InnerException as InvalidOperationException ?? exception).Message;
            errors.Add($"{section.Path}: {UnknownSettings().Replace(QuotedValue().Replace(reason, "configuration value at"), "there is no setting ")}");
            return null;
        }
    }

    /// <summary>Null when there is no text, or one that is no locator.</summary>
    public static FieldLocator? ReadLocator(string key, string? text, List<string> errors)
    {
        try
        {
            return text is null ? null : FieldLocator.Parse(text);
        }
        catch (FormatException exception)
        {
            errors.Add($"{key}: {exception.Message}");
            return null;
        }
    }

    public static void CheckTolerance(string key, TimeSpan? tolerance, List<string> errors)
    {
        if (tolerance < TimeSpan.FromSeconds(1) || tolerance > TimeSpan.FromHours(1))
        {
            errors.Add($"{key} is {tolerance}; it goes from 1 s to 1 h.");
        }
    }
}
