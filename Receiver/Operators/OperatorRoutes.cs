using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Receiver.Operators;

/// <summary>What the operators' routes have in common.</summary>
public static class OperatorRoutes
{
    /// <summary>What the routes are called together in the OpenAPI document.</summary>
    public const string Tag = "Operators";

    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>Routes that ask for <c>events:read</c>.</summary>
    public static RouteGroupBuilder MapOperatorGroup(this WebApplication app, string prefix) => app.MapGroup(prefix)
        .RequireScope(Scope.EventsRead)
        .ProducesProblem(StatusCodes.Status500InternalServerError)
        .WithTags(Tag);

    /// <summary>A route that changes something: it asks for <c>events:write</c>, and its body is small.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder route) => route
        .RequireScope(Scope.EventsWrite)
        .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));

    /// <summary>A route with a JSON body, and how it is answered when that is none.</summary>
    public static RouteHandlerBuilder ReadsBody(this RouteHandlerBuilder route) => route
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
}
