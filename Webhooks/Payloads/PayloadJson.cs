using System.Runtime.InteropServices;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Payloads;

/// <summary>
/// Reads untrusted JSON that may contain an escaped lone surrogate, on which System.Text.Json throws. Only the surrogate is
/// replaced, by U+FFFD.
/// </summary>
public static class PayloadJson
{
    /// <summary>
    /// Returns the value of a property; null when the element is not an object or the property is missing. Of several properties
    /// with the name it is the last.
    /// </summary>
    public static JsonElement? Property(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        try
        {
            return element.TryGetProperty(name, out var property) ? property : null;
        }
        catch (InvalidOperationException)
        {
            JsonElement? found = null;
            foreach (var property in element.EnumerateObject())
            {
                found = Name(property) == name ? property.Value : found;
            }

            return found;
        }
    }

    /// <summary>Returns the text of a JSON string; null when the element is not a string.</summary>
    public static string? Text(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return WellFormedJson.Text(JsonMarshal.GetRawUtf8Value(element)[1..^1]);
        }
    }

    /// <summary>Returns the element without lone surrogates; the same when it has none.</summary>
    public static JsonElement WellFormed(JsonElement element)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String))
        {
            return element;
        }

        var raw = JsonMarshal.GetRawUtf8Value(element);
        return raw.Contains((byte)'\\') ? JsonElement.Parse(WellFormedJson.Of(raw.ToArray()).Span) : element;
    }

    /// <summary>Returns the name of a property.</summary>
    public static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return WellFormedJson.Text(JsonMarshal.GetRawUtf8PropertyName(property));
        }
    }
}
