using System.Text.Json;

namespace Aspire.Webhooks.Worker.Agent;

/// <summary>Reads fields of payloads that may have any shape; what is not there, or not text, is null or empty.</summary>
internal static class PayloadText
{
    private const int MaxLength = 200;

    /// <summary>The string or number at a path of property names, cut to one line of at most 200 characters.</summary>
    public static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        if (!TryStep(ref element, path))
        {
            return null;
        }

        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => FirstLine(element.GetString()!),
                JsonValueKind.Number => FirstLine(element.GetRawText()),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair: valid JSON, but no text.
            return null;
        }
    }

    /// <summary>The elements of the array at a path.</summary>
    public static IReadOnlyList<JsonElement> Items(JsonElement element, params ReadOnlySpan<string> path) =>
        TryStep(ref element, path) && element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [];

    /// <summary>The first line, cut to 200 characters.</summary>
    public static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= MaxLength ? line.ToString() : string.Concat(line[..MaxLength], "…");
    }

    private static bool TryStep(ref JsonElement element, ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return false;
            }
        }

        return true;
    }
}
