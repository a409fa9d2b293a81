using System.Security.Claims;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// The person who has signed in. The scopes of the access token decide which pages and buttons they see. The services check each
/// call.
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

    /// <summary>Whether the token is limited to one merchant. Other tokens name the merchant in each call.</summary>
    public bool IsMerchant => Merchant is not null || IsInPortal;

    /// <summary>Whether the request is for a page of the merchants' portal.</summary>
    public bool IsInPortal => Context.Request.Path.StartsWithSegments(Portal, StringComparison.OrdinalIgnoreCase);

    public bool Has(Scope scope) => scope.IsGrantedTo(User);

    /// <summary>Returns the path of a page: below <c>/portal</c> when the request is for the portal.</summary>
    public string Href(string path) => IsInPortal ? Portal + path : path;

    public Task<string?> TokenAsync() => Context.GetTokenAsync(AccessToken);

    /// <summary>Returns the session of an operator. It ends when the token expires.</summary>
    /// <param name="scheme">The authentication scheme.</param>
    /// <param name="token">An access token that the services accept.</param>
    internal static (ClaimsPrincipal User, AuthenticationProperties Properties) SessionOf(string scheme, string token)
    {
        var properties = PropertiesOf(token);
        return (new ClaimsPrincipal(new ClaimsIdentity(ClaimsOf(token, properties), scheme, "sub", null)), properties);
    }

    /// <summary>Returns the session of a merchant. Its token is opaque and has the same scopes for every merchant.</summary>
    internal static (ClaimsPrincipal User, AuthenticationProperties Properties) PortalSessionOf(string scheme, string token)
    {
        Claim[] claims = [new("scope", $"{Scope.WebhooksWrite.Name} {Scope.MessagesWrite.Name}")];
        return (new ClaimsPrincipal(new ClaimsIdentity(claims, scheme)), PropertiesOf(token));
    }

    /// <summary>Returns the claims of an access token, if it is a JWT, and sets the end of the session to its expiry. Nothing is
    /// verified here: the services verify the token in each call.</summary>
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

    private static AuthenticationProperties PropertiesOf(string token)
    {
        var properties = new AuthenticationProperties();
        properties.StoreTokens([new AuthenticationToken { Name = AccessToken, Value = token }]);
        return properties;
    }
}
