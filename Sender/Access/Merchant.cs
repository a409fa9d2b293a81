using System.Security.Claims;

namespace Aspire.Webhooks.Sender.Access;

/// <summary>Whose endpoints and messages a token is about: its claim <c>merchant_id</c>.</summary>
public static class Merchant
{
    /// <summary>The claim's name.</summary>
    public const string Claim = "merchant_id";

    public const int MaxLength = 255;

    /// <summary>The merchant; null when the token names none, or several.</summary>
    public static string? Of(ClaimsPrincipal user) =>
        user.FindAll(Claim).Select(claim => claim.Value).Distinct(StringComparer.Ordinal).ToList() is [{ Length: > 0 and <= MaxLength } merchant]
        && !string.IsNullOrWhiteSpace(merchant) && !merchant.Any(char.IsControl)
            ? merchant
            : null;
}
