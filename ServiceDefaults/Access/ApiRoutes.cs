using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>Maps the routes of an API that requires a token.</summary>
public static class ApiRoutes
{
    /// <summary>The tag of operators' routes in an OpenAPI document.</summary>
    public const string Operators = "Operators";

    /// <summary>The tag of merchants' routes in an OpenAPI document.</summary>
    public const string Merchants = "Merchants";

    /// <summary>The tag of the routes that applications publish messages with.</summary>
    public const string Applications = "Applications";

    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>Maps a group of routes that require a scope and refuse unknown query parameters.</summary>
    /// <param name="tag">The tag of the group in the OpenAPI document, which names its callers.</param>
    public static RouteGroupBuilder MapApi(this WebApplication app, string prefix, Scope scope, string tag = Operators) =>
        app.MapGroup(prefix)
        .RequireScope(scope)
        .RefuseUnknownParameters()
        .ProducesProblem(StatusCodes.Status500InternalServerError)
        .WithTags(tag);

    /// <summary>Marks a route as one that changes data: it requires a scope and limits the size of its body.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder route, Scope scope) => route
        .RequireScope(scope)
        .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));

    /// <summary>Declares that a route reads a JSON body, and the answers to an invalid one.</summary>
    public static RouteHandlerBuilder ReadsBody(this RouteHandlerBuilder route) => route
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
}
