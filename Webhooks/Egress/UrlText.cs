using System.Buffers;
using System.Net;

namespace Aspire.Webhooks.Egress;

/// <summary>What a URL's text alone says about where it leads.</summary>
public static class UrlText
{
    private const string Mask = "***";

    // RFC 1035, section 2.3.4, as text without the last dot.
    private const int MaxHostLength = 253;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The host as it is resolved and connected to: in ASCII, IPv6 without brackets. Null when there is none.</summary>
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
    /// True when the part between scheme and path says host and port and nothing else. Readers of URLs disagree about
    /// backslashes, escapes, zones and blanks there; whoever reads it otherwise than we do must not be led elsewhere.
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
    /// The same URL for those who may know where it leads, but not use it: <c>***</c> in place of the user part and of all that
    /// follows the path. Whatever else is a credential is for the redactor.
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
    /// True for a name whose last label is a number: no such name exists, and what resolvers make of it (0177.1, 1.2.3.4.)
    /// is theirs to say.
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
