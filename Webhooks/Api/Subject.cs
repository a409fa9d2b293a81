using System.Security.Claims;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Api;

/// <summary>The subject of a token.</summary>
public static class Subject
{
    private const int MaxLength = 255;

    // The claim "sub" (RFC 7519, section 4.1.2). The issuer chose the text, so its length and control characters are
    // checked here.
    public static string Of(ClaimsPrincipal user) =>
        user.FindFirst("sub")?.Value is { Length: > 0 } subject && !StorableText.IsLonger(subject, MaxLength)
            ? StorableText.Of(subject)
            : "unknown";
}
