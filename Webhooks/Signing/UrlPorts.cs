namespace Aspire.Webhooks.Signing;

/// <summary>Spellings of a URL that differ in the port.</summary>
internal static class UrlPorts
{
    /// <summary>The URL with its scheme's default port where it has none, without the port where it has one; null when it is no http URL.</summary>
    public static string? Other(string url)
    {
        var isHttps = url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var start = url.IndexOf("//", StringComparison.Ordinal) + 2;
        var end = url.AsSpan(start).IndexOfAny("/?#") is var length and >= 0 ? start + length : url.Length;
        var authority = url.AsSpan(start, end - start);
        // Colons occur in user:password@ and in [::1] too.
        var host = authority[(authority.LastIndexOfAny("@]") + 1)..];
        var colon = host.LastIndexOf(':');
        return colon < 0
            ? $"{url.AsSpan(0, end)}:{(isHttps ? 443 : 80)}{url.AsSpan(end)}"
            : $"{url.AsSpan(0, end - host.Length + colon)}{url.AsSpan(end)}";
    }
}
