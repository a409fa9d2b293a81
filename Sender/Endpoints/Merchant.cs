using System.Reflection;
using System.Security.Claims;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Reads the merchant of a token from the claim <c>merchant_id</c>.</summary>
public static class Merchant
{
    /// <summary>The name of the claim.</summary>
    public const string Claim = "merchant_id";

    public const int MaxLength = 255;

    /// <summary>Returns the merchant; null when the claim is absent, invalid, or has several values.</summary>
    public static string? Of(ClaimsPrincipal user) =>
        user.FindAll(Claim).Select(Name).Distinct(StringComparer.Ordinal).ToList() is [{ } merchant]
        && !string.IsNullOrWhiteSpace(merchant) && StorableText.IsLine(merchant, MaxLength)
            ? merchant
            : null;

    /// <summary>
    /// Returns the merchant of a request: the one that the token names, or, for an administrator whose token names none, the
    /// query's <c>merchant_id</c>.
    /// </summary>
    public static string? Of(HttpContext context)
    {
        var user = context.User;
        return Of(user) is { } own ? own
            : user.HasClaim(claim => claim.Type == Claim) || !Scope.Admin.IsGrantedTo(user) ? null
            : context.Request.Query[Claim] is [{ Length: > 0 and <= MaxLength } named] && !string.IsNullOrWhiteSpace(named)
                && !named.Any(char.IsControl) ? named
            : null;
    }

    // Only text and numbers are names. Of other claims, the value is JSON.
    private static string? Name(Claim claim) =>
        claim.ValueType is JsonClaimValueTypes.Json or JsonClaimValueTypes.JsonArray or JsonClaimValueTypes.JsonNull
            or ClaimValueTypes.Boolean
            ? null
            : claim.Value;
}

/// <summary>A parameter of routes: the merchant of the request. In the routes of a merchant group it is never null.</summary>
public sealed record MerchantId([FromQuery(Name = Merchant.Claim)] string Value) : IBindableFromHttpContext<MerchantId>
{
    static ValueTask<MerchantId?> IBindableFromHttpContext<MerchantId>.BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(Merchant.Of(context) is { } merchant ? new MerchantId(merchant) : null);
}
