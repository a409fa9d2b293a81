using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>Routes of an API that is called with a token.</summary>
public static class ApiRoutes
{
    /// <summary>The tag of operators' routes in an OpenAPI document.</summary>
    public const string Operators = "Operators";

    /// <summary>The tag of merchants' routes.</summary>
    public const string Merchants = "Merchants";

    /// <summary>The tag of the routes by which an application publishes.</summary>
    public const string Applications = "Applications";

    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>Maps a group of routes that require a scope.</summary>
    /// <param name="tag">The group's tag in the OpenAPI document: who calls it.</param>
    public static RouteGroupBuilder MapApi(this WebApplication app, string prefix, Scope scope, string tag = Operators) =>
        app.MapGroup(prefix)
        .RequireScope(scope)
        .ProducesProblem(StatusCodes.Status500InternalServerError)
        .WithTags(tag);

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
