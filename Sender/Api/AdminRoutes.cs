using System.Security.Claims;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.Series;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>A request to reactivate an endpoint.</summary>
/// <param name="Reason">The reason for the audit and the log: 1 to 500 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReactivateRequest(string? Reason = null) : IReasonRequest;

public static class AdminRoutes
{
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(1);

    /// <summary>Maps <c>/api/v1/admin</c>, which requires the scope but no merchant.</summary>
    public static void MapAdmin(this WebApplication app)
    {
        var admin = app.MapApi("/api/v1/admin", Scope.Admin);
        admin.MapGet("/webhooks", ListAsync)
            .WithSummary("List the endpoints of all merchants, newest first.")
            .WithMetadata(new StateParameter("Whether messages are sent to the endpoint.", EndpointStates.All));
        admin.MapPost("/webhooks/{id:guid}/reactivate", ReactivateAsync).Writes(Scope.Admin).ReadsBody()
            .WithSummary("Reactivate an endpoint that failed too often or answered 410.")
            .WithDescription(
                "Its counts of failures start at zero. Skipped deliveries can be recovered. 409: the merchant disabled the "
                    + "endpoint and can enable it.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        admin.MapGet("/series", SeriesAsync).DescribesSeries(SeriesDefinition.OfSender);
        admin.MapGet("/stats", StatsAsync)
            .WithSummary("Count deliveries by state, by merchant and by number of attempts.")
            .WithDescription(
                $"Without since, counts the last day. At most the newest {DeliveryStats.MaxDeliveries} deliveries are counted.");
    }

    private static async Task<Results<Ok<Page<AdminEndpointView>>, ValidationProblem>> ListAsync(
        [AsParameters] AdminEndpointFilter filter, [AsParameters] PageFields page, EndpointAdministration endpoints,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        filter.Check(errors);
        var paging = Paging.Read(page, errors);
        return errors.Any ? errors.ToBadRequest() : TypedResults.Ok(await endpoints.ListAsync(filter, paging, cancellationToken));
    }

    private static Task<Results<Ok<AdminEndpointView>, ValidationProblem, ProblemHttpResult>> ReactivateAsync(
        Guid id, Body<ReactivateRequest> body, EndpointAdministration endpoints, ClaimsPrincipal user,
        CancellationToken cancellationToken) => body.WithReasonAsync<ReactivateRequest, AdminEndpointView>(async reason =>
    {
        var result = await endpoints.ReactivateAsync(id, reason, Subject.Of(user), cancellationToken);
        return result switch
        {
            ReactivationResult.ByMerchant => TypedResults.Problem(
                title: "The merchant disabled the endpoint.", detail: "The merchant can enable it.",
                statusCode: StatusCodes.Status409Conflict),
            ReactivationResult.Done when await endpoints.FindAsync(id, cancellationToken) is { } found => TypedResults.Ok(found),
            _ => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound),
        };
    });

    private static Task<Results<Ok<SeriesView>, ValidationProblem>> SeriesAsync(
        [AsParameters] SeriesFields fields, [FromQuery(Name = "endpoint_id")] string? endpointId, SeriesQueries reader,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var endpoint = errors.Id("endpoint_id", endpointId);
        return fields.ReadAsync(SeriesDefinition.OfSender, endpoint?.ToString(), errors, reader, time, cancellationToken);
    }

    private static async Task<Results<Ok<StatsView>, ValidationProblem>> StatsAsync(
        [FromQuery(Name = "since")] string? since, DeliveryStats stats, TimeProvider time, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var from = errors.Time("since", since) ?? time.GetUtcNow() - DefaultSpan;
        return errors.Any ? errors.ToBadRequest() : TypedResults.Ok(await stats.ReadAsync(from, cancellationToken));
    }
}
