using System.Text.Json;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>What may be stored as text about an event.</summary>
public static class EventField
{
    private const int MaxLength = 255;

    /// <summary>
    /// Ids and types: 1 to 255 characters, none of them a control character (Postgres refuses NUL; logs, line breaks).
    /// </summary>
    public static bool IsValid(string value) => StorableText.IsLine(value, MaxLength);

    /// <summary>As much of a text as may be stored: what takes a credential's place can be longer.</summary>
    public static string Cut(string value) => StorableText.CodePoints(value, MaxLength);

    /// <summary>The allow-listed headers that are there and fit, as a JSON object.</summary>
    public static string Headers(IHeaderDictionary headers, IReadOnlyList<string> allowed)
    {
        var stored = new Dictionary<string, string>(allowed.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var name in allowed)
        {
            if (headers.TryGetValue(name, out var values) && values.ToString() is var value && IsValid(value))
            {
                stored[name] = value;
            }
        }

        return JsonSerializer.Serialize(stored, JsonSerializerOptions.Default);
    }
}
