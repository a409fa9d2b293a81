using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>What the operators' routes have in common.</summary>
public static class OperatorRoutes
{
    /// <summary>What the routes are called together in an OpenAPI document.</summary>
    public const string Tag = "Operators";

    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>Routes that ask for a scope.</summary>
    public static RouteGroupBuilder MapOperatorGroup(this WebApplication app, string prefix, Scope scope) => app.MapGroup(prefix)
        .RequireScope(scope)
        .ProducesProblem(StatusCodes.Status500InternalServerError)
        .WithTags(Tag);

    /// <summary>A route that changes something: it asks for a scope, and its body is small.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder route, Scope scope) => route
        .RequireScope(scope)
        .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));

    /// <summary>A route with a JSON body, and how it is answered when that is none.</summary>
    public static RouteHandlerBuilder ReadsBody(this RouteHandlerBuilder route) => route
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
}
