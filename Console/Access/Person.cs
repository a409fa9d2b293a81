using System.Security.Claims;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// Whoever has signed in. The scopes of their token decide what pages show and offer; the services decide what they may do.
/// </summary>
public sealed class Person(IHttpContextAccessor accessor)
{
    /// <summary>The claim that names a merchant.</summary>
    public const string MerchantClaim = "merchant_id";

    /// <summary>The path of the merchants' portal.</summary>
    public const string Portal = "/portal";

    private const string AccessToken = "access_token";

    private HttpContext Context => accessor.HttpContext!;

    private ClaimsPrincipal User => Context.User;

    public bool IsSignedIn => User.Identity?.IsAuthenticated == true;

    public string Name => User.FindFirst("name")?.Value ?? User.FindFirst("sub")?.Value ?? "unknown";

    /// <summary>The merchant that the token names; null when it names none.</summary>
    public string? Merchant => User.FindFirst(MerchantClaim)?.Value;

    /// <summary>Whether all that is shown is one merchant's. Others say whose endpoints they mean.</summary>
    public bool IsMerchant => Merchant is not null || IsInPortal;

    /// <summary>Whether this is the merchants' portal.</summary>
    public bool IsInPortal => Context.Request.Path.StartsWithSegments(Portal, StringComparison.OrdinalIgnoreCase);

    public bool Has(Scope scope) => scope.IsGrantedTo(User);

    /// <summary>The path of a page in this part of the Console.</summary>
    public string Href(string path) => IsInPortal ? Portal + path : path;

    public Task<string?> TokenAsync() => Context.GetTokenAsync(AccessToken);

    /// <summary>A session for the holder of an access token, which ends with it.</summary>
    /// <param name="scheme">The authentication scheme.</param>
    /// <param name="token">An access token that a service accepts.</param>
    internal static (ClaimsPrincipal User, AuthenticationProperties Properties) SessionOf(string scheme, string token)
    {
        var properties = new AuthenticationProperties();
        properties.StoreTokens([new AuthenticationToken { Name = AccessToken, Value = token }]);
        var claims = ClaimsOf(token, properties);
        return (new ClaimsPrincipal(new ClaimsIdentity(claims, scheme, "sub", null)), properties);
    }

    /// <summary>A session of the portal. Its token is opaque, and what it allows is the same for each.</summary>
    internal static (ClaimsPrincipal User, AuthenticationProperties Properties) PortalSessionOf(string scheme, string token)
    {
        var (_, properties) = SessionOf(scheme, token);
        Claim[] claims = [new("scope", $"{Scope.WebhooksWrite.Name} {Scope.MessagesWrite.Name}")];
        return (new ClaimsPrincipal(new ClaimsIdentity(claims, scheme)), properties);
    }

    /// <summary>What an access token says, if it is a JWT. Nothing here is verified: the services do that.</summary>
    internal static IEnumerable<Claim> ClaimsOf(string token, AuthenticationProperties properties)
    {
        var handler = new JsonWebTokenHandler();
        if (!handler.CanReadToken(token))
        {
            return [];
        }

        var jwt = handler.ReadJsonWebToken(token);
        properties.ExpiresUtc = jwt.ValidTo == default ? null : new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero);
        return jwt.Claims.Where(claim => claim.Type is "sub" or "name" or "scope" or "scp" or MerchantClaim);
    }
}
