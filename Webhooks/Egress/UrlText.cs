using System.Buffers;
using System.Net;

namespace Aspire.Webhooks.Egress;

/// <summary>Checks on the text of a URL, without name resolution.</summary>
public static class UrlText
{
    private const string Mask = "***";

    // RFC 1035, section 2.3.4, in text form without the final dot.
    private const int MaxHostLength = 253;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>
    /// Returns the host as it is resolved and connected to: in ASCII, and IPv6 without brackets. Null when there is none.
    /// </summary>
    public static string? HostOf(Uri url)
    {
        if (!url.IsAbsoluteUri || url.HostNameType is UriHostNameType.Unknown or UriHostNameType.Basic)
        {
            return null;
        }

        try
        {
            return url.IdnHost is { Length: > 0 and <= MaxHostLength } host ? host : null;
        }
        catch (UriFormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the authority of the URL contains only host and port. URL parsers disagree about backslashes, escapes, zones and
    /// blanks there, and a parser that reads the authority differently must not lead to another host.
    /// </summary>
    public static bool IsPlain(Uri url)
    {
        var text = url.OriginalString;
        var start = url.Scheme.Length + Uri.SchemeDelimiter.Length;
        if (!text.StartsWith(url.Scheme + Uri.SchemeDelimiter, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var end = text.AsSpan(start).IndexOfAny("/?#");
        var authority = end < 0 ? text.AsSpan(start) : text.AsSpan(start, end);
        return authority.IndexOfAny("\\%@") < 0 && !authority.ContainsAnyInRange('\0', ' ') && !authority.Contains('\x7f');
    }

    /// <summary>
    /// Returns the URL for those who may know where it leads, but not use it: <c>***</c> replaces the user part and all that
    /// follows the path. Other credentials are left to the redactor.
    /// </summary>
    public static string Masked(string url)
    {
        var scheme = url.IndexOf(Uri.SchemeDelimiter, StringComparison.Ordinal);
        var start = scheme < 0 ? 0 : scheme + Uri.SchemeDelimiter.Length;
        var query = url.AsSpan(start).IndexOfAny("?#");
        var path = query < 0 ? url : url[..(start + query)];
        var slash = path.AsSpan(start).IndexOf('/');
        var user = (slash < 0 ? path.AsSpan(start) : path.AsSpan(start, slash)).LastIndexOf('@');
        var masked = user < 0 ? path : $"{path[..start]}{Mask}{path[(start + user)..]}";
        return path.Length == url.Length ? masked : $"{masked}?{Mask}";
    }

    /// <summary>
    /// Whether the last label of a name is a number. No such name exists, and resolvers differ in how they read it (0177.1,
    /// 1.2.3.4.).
    /// </summary>
    public static bool IsOddNumber(string host)
    {
        if (IPAddress.TryParse(host, out _))
        {
            return false;
        }

        var name = host.TrimEnd('.');
        var label = name.AsSpan(name.LastIndexOf('.') + 1);
        return !label.ContainsAnyExceptInRange('0', '9')
            || (label.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && !label[2..].ContainsAnyExcept(HexDigits));
    }
}
