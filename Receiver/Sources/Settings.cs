using System.Text.RegularExpressions;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>Rules that the settings of sources and schemes share.</summary>
internal static partial class Settings
{
    /// <summary>Matches names of sources and schemes.</summary>
    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.NonBacktracking)]
    public static partial Regex NameRule();

    /// <summary>Matches additional paths of sources.</summary>
    [GeneratedRegex(@"\A(/[a-z0-9-]+)+\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex PathRule();

    /// <summary>Parses a locator; null when the text is null, or, with an error, when it is invalid.</summary>
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
