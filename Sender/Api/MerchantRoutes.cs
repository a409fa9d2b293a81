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

    /// <summary>
    /// Routes about what belongs to one merchant: 403 for a request that names none, whatever its token's scope.
    /// </summary>
    public static RouteGroupBuilder MapMerchantGroup(this WebApplication app, string prefix, Scope scope) =>
        app.MapApi(prefix, scope, ApiRoutes.Merchants).RequireAuthorization(NamesMerchant);
}
