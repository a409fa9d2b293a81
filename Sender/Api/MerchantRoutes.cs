using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scope = Aspire.Webhooks.ServiceDefaults.Access.Scope;

namespace Aspire.Webhooks.Sender.Api;

public static class MerchantRoutes
{
    private static readonly AuthorizationPolicy NamesMerchant = new AuthorizationPolicyBuilder(
        JwtBearerDefaults.AuthenticationScheme)
        .RequireAssertion(context => context.Resource is HttpContext request && Merchant.Of(request) is not null)
        .Build();

    /// <summary>Maps routes of a single merchant. A request without a merchant is answered 403, whatever its scope.</summary>
    public static RouteGroupBuilder MapMerchantGroup(this WebApplication app, string prefix, Scope scope) =>
        app.MapApi(prefix, scope, ApiRoutes.Merchants).RequireAuthorization(NamesMerchant)
            .AddOpenApiOperationTransformer(DescribeMerchantAsync);

    // The document has no parameter of its own for a type that binds itself.
    private static Task DescribeMerchantAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = Merchant.Claim,
            In = ParameterLocation.Query,
            Description = "The merchant. Required of an administrator whose token names none, and ignored otherwise.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        return Task.CompletedTask;
    }
}
