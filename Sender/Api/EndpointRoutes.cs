using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Series;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

public static class EndpointRoutes
{
    /// <summary>The path of the routes with which merchants manage their endpoints.</summary>
    public const string Path = "/api/v1/webhooks";

    public static void MapEndpoints(this WebApplication app)
    {
        var endpoints = app.MapMerchantGroup(Path, Scope.WebhooksRead);
        endpoints.MapPost("/", CreateEndpointRoute.HandleAsync).Writes(Scope.WebhooksWrite).ReadsBody()
            .WithSummary("Create an endpoint after it has answered a ping.")
            .WithDescription(
                $"Only this answer contains the secret. 409: the merchant has {EndpointStore.MaxPerMerchant} endpoints. 422: a "
                    + $"field is not allowed, or the endpoint cannot be reached; the member ping has the reason. 429: too many "
                    + $"pings; see Retry-After.")
            .Produces<CreatedEndpointView>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .Pings();
        endpoints.MapGet("/", ListAsync).WithSummary("List the merchant's endpoints, newest first.");
        endpoints.MapGet("/{id:guid}", FindAsync)
            .WithSummary("Get an endpoint.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        endpoints.MapGet("/{id:guid}/series", SeriesAsync).DescribesSeries(SeriesDefinition.OfSender)
            .ProducesProblem(StatusCodes.Status404NotFound);
        endpoints.MapPatch("/{id:guid}", UpdateEndpointRoute.HandleAsync).Writes(Scope.WebhooksWrite).ReadsBody()
            .WithSummary("Change an endpoint.")
            .WithDescription(
                "Absent fields are not changed. A new URL is stored after it has answered a ping. 409: the endpoint was made "
                    + "inactive because it failed, and only an administrator can reactivate it; or it has no secret.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .Pings();
        endpoints.MapDelete("/{id:guid}", DeleteAsync).Writes(Scope.WebhooksWrite)
            .WithSummary("Delete an endpoint.")
            .WithDescription("Erases its secrets and cancels its pending deliveries. Its deliveries can still be read.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        endpoints.MapPost("/{id:guid}/ping", PingRoute.HandleAsync).Writes(Scope.WebhooksWrite)
            .WithSummary("Send a ping to an endpoint.")
            .WithDescription(
                "200 with the result, whatever the endpoint answered. 409: it has no secret. 429: too many pings; see "
                    + "Retry-After.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
        endpoints.MapPost("/{id:guid}/rotate-secret", RotateSecretRoute.HandleAsync).Writes(Scope.WebhooksWrite).ReadsBody()
            .WithSummary("Replace an endpoint's secret.")
            .WithDescription(
                $"Only this answer contains the new secret. The previous ones sign beside it until others_expire_at. 409: the "
                    + $"endpoint has {EndpointSecretRotation.MaxSigning} signing secrets.")
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

    private static async Task<Results<Ok<SeriesView>, ValidationProblem, ProblemHttpResult>> SeriesAsync(
        MerchantId merchant, Guid id, [AsParameters] SeriesFields fields, EndpointQueries endpoints, SeriesQueries reader,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (await endpoints.FindAsync(merchant.Value, id, cancellationToken) is null)
        {
            return EndpointProblems.NotFound();
        }

        var answer = await fields.ReadAsync(SeriesDefinition.OfSender, id.ToString(), new(), reader, time, cancellationToken);
        return answer.Result is ValidationProblem problem ? problem : (Ok<SeriesView>)answer.Result;
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
