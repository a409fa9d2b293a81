using System.Text.Json;

namespace Aspire.Webhooks.Payloads;

/// <summary>
/// Reads JSON from outside that may hold half of a surrogate pair, escaped: valid JSON, but no text, on which the library
/// throws when it is asked for the string or compares a name with it.
/// </summary>
public static class PayloadJson
{
    /// <summary>
    /// The value of a property; null when the element is no object, there is none, or a name that is no text stands before
    /// it.
    /// </summary>
    public static JsonElement? Property(JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var property) ? property : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text of a JSON string; null when the element is no string, or it is no text.</summary>
    public static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
