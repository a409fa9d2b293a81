using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;

namespace Aspire.Webhooks.Payloads;

/// <summary>The format of a body according to its Content-Type.</summary>
[Flags]
public enum BodyFormats
{
    None = 0,

    /// <summary><c>application/json</c> or any <c>+json</c>.</summary>
    Json = 1,

    /// <summary><c>application/x-www-form-urlencoded</c>.</summary>
    Form = 2,

    /// <summary>A form whose only field, <c>payload</c>, contains JSON.</summary>
    FormPayload = 4,

    /// <summary>JSON that is sent as <c>text/plain</c>.</summary>
    Text = 8,
}

public static class BodyFormat
{
    // The labels of UTF-8 in WHATWG's "Encoding", section 4.2, and its names of ASCII, which is a part of UTF-8.
    private static readonly FrozenSet<string> Utf8Labels = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8",
        "us-ascii", "ascii", "ansi_x3.4-1968");

    /// <summary>
    /// Returns the format that a Content-Type names, <see cref="BodyFormats.Json"/>, <see cref="BodyFormats.Form"/> or
    /// <see cref="BodyFormats.Text"/>. Any other type, and a charset other than UTF-8 or ASCII, is
    /// <see cref="BodyFormats.None"/>. A missing Content-Type counts as JSON, because some senders omit it; parsing then decides.
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

        if (type.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
        {
            return BodyFormats.Text;
        }

        return type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)
            ? BodyFormats.Json
            : BodyFormats.None;
    }

    /// <summary>
    /// Returns the format in which a body is read, one of those that are accepted; null when none fits the Content-Type. A form
    /// is read as JSON in its field <c>payload</c> where other forms are not accepted.
    /// </summary>
    public static BodyFormats? Of(string? contentType, BodyFormats accepted)
    {
        var named = Of(contentType);
        if (named == BodyFormats.Form && !accepted.HasFlag(BodyFormats.Form))
        {
            named = BodyFormats.FormPayload;
        }

        return named != BodyFormats.None && accepted.HasFlag(named) ? named : null;
    }

    // White space around a label does not count, as in the standard.
    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        HeaderUtilities.RemoveQuotes(type.Charset).Value?.Trim() is var label
        && (string.IsNullOrEmpty(label) || Utf8Labels.Contains(label));
}
