using System.Text.Json;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>The headers that are stored with an event.</summary>
public static class EventField
{
    /// <summary>Returns the allow-listed headers with valid values as a JSON object.</summary>
    public static string Headers(IHeaderDictionary headers, IReadOnlyList<string> allowed)
    {
        var stored = new Dictionary<string, string>(allowed.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var name in allowed)
        {
            if (headers.TryGetValue(name, out var values) && values.ToString() is var value
                && EventIdentifier.IsValid(value))
            {
                stored[name] = value;
            }
        }

        return JsonSerializer.Serialize(stored, JsonSerializerOptions.Default);
    }
}
