using Microsoft.Net.Http.Headers;

namespace Aspire.Webhooks.Payloads;

/// <summary>What a body is, by its Content-Type.</summary>
[Flags]
public enum BodyFormats
{
    None = 0,

    /// <summary><c>application/json</c> or any <c>+json</c>.</summary>
    Json = 1,

    /// <summary><c>application/x-www-form-urlencoded</c>.</summary>
    Form = 2,

    /// <summary>The same, with JSON in the only field, <c>payload</c>.</summary>
    FormPayload = 4,
}

public static class BodyFormat
{
    /// <summary>
    /// The one format, <see cref="BodyFormats.Json"/> or <see cref="BodyFormats.Form"/>, that a Content-Type names;
    /// <see cref="BodyFormats.None"/> for any other type and for a charset that is not UTF-8. A request without one is taken
    /// for JSON, which must then parse: some senders leave it out.
    /// </summary>
    public static BodyFormats Of(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            return BodyFormats.Json;
        }

        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || !IsUtf8(type))
        {
            return BodyFormats.None;
        }

        if (type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            return BodyFormats.Form;
        }

        return type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)
            ? BodyFormats.Json
            : BodyFormats.None;
    }

    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        HeaderUtilities.RemoveQuotes(type.Charset) is var charset
        && (!charset.HasValue || charset.Length == 0
            || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase));
}
