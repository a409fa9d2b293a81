using System.Text.Json;

namespace Aspire.Webhooks.Payloads;

/// <summary>
/// Reads untrusted JSON that may contain an escaped unpaired surrogate. Such JSON is valid, but System.Text.Json throws when it
/// reads the string or compares a property name with it.
/// </summary>
public static class PayloadJson
{
    /// <summary>
    /// Returns the value of a property. Returns null when the element is not an object, the property is missing, or a name
    /// before it contains an unpaired surrogate.
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

    /// <summary>
    /// Returns the text of a JSON string; null when the element is not a string or contains an unpaired surrogate.
    /// </summary>
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
