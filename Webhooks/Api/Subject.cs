using System.Security.Claims;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Api;

/// <summary>Who a token speaks for.</summary>
public static class Subject
{
    // RFC 7519, section 4.1.2. The issuer made it, but a limit and no control characters are ours to see to.
    public static string Of(ClaimsPrincipal user) =>
        user.FindFirst("sub")?.Value is { Length: > 0 and <= 255 } subject ? StorableText.Of(subject) : "unknown";
}
