using System.Text.Json;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>The rules for text that is stored with an event.</summary>
public static class EventField
{
    private const int MaxLength = 255;

    /// <summary>
    /// Whether an id or type is valid: 1 to 255 characters without control characters, because Postgres refuses NUL, and line
    /// breaks would forge log lines.
    /// </summary>
    public static bool IsValid(string value) => StorableText.IsLine(value, MaxLength);

    /// <summary>Cuts redacted text to the longest that can be stored. Redaction can make text longer.</summary>
    public static string Cut(string value) => StorableText.CodePoints(value, MaxLength);

    /// <summary>Returns the allow-listed headers with valid values as a JSON object.</summary>
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
