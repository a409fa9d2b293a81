using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

public static class EndpointRoutes
{
    /// <summary>Where merchants manage their endpoints.</summary>
    public const string Path = "/api/v1/webhooks";

    public static void MapEndpoints(this WebApplication app)
    {
        var endpoints = app.MapMerchantGroup(Path, Scope.WebhooksRead);
        endpoints.MapPost("/", CreateEndpointRoute.HandleAsync).Writes(Scope.WebhooksWrite).ReadsBody()
            .WithSummary("Make an endpoint, once it has answered a ping.")
            .WithDescription(
                $"The secret is in this answer alone. 409: the merchant has {EndpointStore.MaxPerMerchant} endpoints. 422: a "
                    + $"field is refused, or the endpoint cannot be reached; then the member ping says why. 429: too many "
                    + $"pings; see Retry-After.")
            .Produces<CreatedEndpointView>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .Pings();
        endpoints.MapGet("/", ListAsync).WithSummary("List the merchant's endpoints, newest first.");
        endpoints.MapGet("/{id:guid}", FindAsync)
            .WithSummary("One endpoint.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        endpoints.MapPatch("/{id:guid}", UpdateEndpointRoute.HandleAsync).Writes(Scope.WebhooksWrite).ReadsBody()
            .WithSummary("Change an endpoint.")
            .WithDescription(
                "What is absent stays as it is. Another URL is kept once it has answered a ping. 409: the endpoint was made "
                    + "inactive for failing, and an administrator reactivates it; or it has no secret.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .Pings();
        endpoints.MapDelete("/{id:guid}", DeleteAsync).Writes(Scope.WebhooksWrite)
            .WithSummary("Delete an endpoint.")
            .WithDescription("Its secrets are erased and what is pending for it is cancelled. Its deliveries can still be read.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        endpoints.MapPost("/{id:guid}/ping", PingRoute.HandleAsync).Writes(Scope.WebhooksWrite)
            .WithSummary("Try an endpoint.")
            .WithDescription(
                "200 with how it answered, whatever that was. 409: it has no secret. 429: too many pings; see Retry-After.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
        endpoints.MapPost("/{id:guid}/rotate-secret", RotateSecretRoute.HandleAsync).Writes(Scope.WebhooksWrite).ReadsBody()
            .WithSummary("Replace an endpoint's secret.")
            .WithDescription(
                $"The new secret is in this answer alone. The ones before sign beside it until others_expire_at. 409: "
                    + $"{SecretRotation.MaxSigning} secrets sign already.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static RouteHandlerBuilder Pings(this RouteHandlerBuilder route) => route
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .ProducesProblem(StatusCodes.Status429TooManyRequests);

    private static async Task<Results<Ok<Page<EndpointView>>, ValidationProblem>> ListAsync(
        MerchantId merchant, [AsParameters] PageFields page, EndpointQueries reader, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var paging = Paging.Read(page, errors);
        return errors.Any
            ? errors.ToBadRequest()
            : TypedResults.Ok(await reader.ListAsync(merchant.Value, paging, cancellationToken));
    }

    private static async Task<Results<Ok<EndpointView>, ProblemHttpResult>> FindAsync(
        MerchantId merchant, Guid id, EndpointQueries reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(merchant.Value, id, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : EndpointProblems.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        MerchantId merchant, Guid id, EndpointStore store, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await store.DeleteAsync(merchant.Value, id, Subject.Of(user), cancellationToken)
            ? TypedResults.NoContent()
            : EndpointProblems.NotFound();
}
