using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace Aspire.Webhooks.Sender.Api;

public static class MerchantRoutes
{
    private static readonly AuthorizationPolicy NamesMerchant = new AuthorizationPolicyBuilder(
        JwtBearerDefaults.AuthenticationScheme)
        .RequireAssertion(context => context.Resource is HttpContext request && Merchant.Of(request) is not null)
        .Build();

    /// <summary>Maps routes of a single merchant. A request without a merchant is answered 403, whatever its scope.</summary>
    public static RouteGroupBuilder MapMerchantGroup(this WebApplication app, string prefix, Scope scope) =>
        app.MapApi(prefix, scope, ApiRoutes.Merchants).RequireAuthorization(NamesMerchant);
}
