using System.Text.RegularExpressions;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>What the settings of sources and of schemes have in common.</summary>
internal static partial class Settings
{
    /// <summary>Names of sources and schemes.</summary>
    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.NonBacktracking)]
    public static partial Regex NameRule();

    /// <summary>Paths beside <c>/webhooks/{source}</c>.</summary>
    [GeneratedRegex(@"\A(/[a-z0-9-]+)+\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex PathRule();

    /// <summary>A name as part of a configuration key: <c>my-shop</c> is <c>MY_SHOP</c>.</summary>
    public static string KeyPart(string name) => name.ToUpperInvariant().Replace('-', '_');

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
}
