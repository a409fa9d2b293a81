using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Reads fields of payloads of any structure. A field that is absent or not text is null or empty.</summary>
public static class PayloadText
{
    private const int MaxLength = 200;

    /// <summary>Returns the string or number at a path of property names, cut to one line of at most 200 characters.</summary>
    public static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        if (!TryStep(ref element, path))
        {
            return null;
        }

        return element.ValueKind switch
        {
            JsonValueKind.String => PayloadJson.Text(element) is { } text ? FirstLine(text) : null,
            JsonValueKind.Number => FirstLine(element.GetRawText()),
            _ => null,
        };
    }

    /// <summary>Returns the elements of the array at a path.</summary>
    public static IReadOnlyList<JsonElement> Items(JsonElement element, params ReadOnlySpan<string> path) =>
        TryStep(ref element, path) && element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [];

    /// <summary>Returns the first line, cut to 200 characters.</summary>
    public static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        var first = (end < 0 ? line : line[..end]).ToString();
        return StorableText.IsLonger(first, MaxLength)
            ? $"{StorableText.CodePoints(first, MaxLength)}…"
            : StorableText.Of(first);
    }

    /// <summary>Returns the first line of the name of a property.</summary>
    public static string Name(JsonProperty property) => FirstLine(PayloadJson.Name(property));

    private static bool TryStep(ref JsonElement element, ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (PayloadJson.Property(element, name) is not { } next)
            {
                return false;
            }

            element = next;
        }

        return true;
    }
}
