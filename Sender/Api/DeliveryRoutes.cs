using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Aspire.Webhooks.Sender.Api;

public static class DeliveryRoutes
{
    private const string Path = "/api/v1/deliveries";

    /// <summary>
    /// <c>GET /api/v1/deliveries</c>, <c>GET /api/v1/deliveries/{id}</c> and <c>POST /api/v1/deliveries/{id}/resend</c>.
    /// </summary>
    public static void MapDeliveries(this WebApplication app)
    {
        var deliveries = app.MapMerchantGroup(Path, Scope.WebhooksRead);
        deliveries.MapGet("/", ListAsync)
            .WithSummary("List the merchant's deliveries, newest first, with their attempts.")
            .WithMetadata(new StateParameter("The state of the delivery, which is that of its latest run.", DeliveryStates.All));
        deliveries.MapGet("/{id:guid}", FindAsync)
            .WithSummary("Get a delivery with its attempts and the endpoint's answers.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        deliveries.MapPost("/{id:guid}/resend", ResendAsync).Writes(Scope.WebhooksWrite)
            .WithSummary("Send a delivery again, whatever its state.")
            .WithDescription(
                "Starts a new run with all its attempts, which replaces a pending one. 409: the endpoint is inactive or "
                    + "deleted. 410: the message was erased.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status410Gone);
    }

    private static async Task<Results<Ok<Page<DeliveryView>>, ValidationProblem>> ListAsync(
        MerchantId merchant, [AsParameters] DeliveryFilter filter, [AsParameters] PageFields page, NpgsqlDataSource database,
        DeliveryQueries reader, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var selection = filter.Read(errors);
        var paging = Paging.Read(page, errors);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        var ids = paging.ToPage(
            await database.IdsAsync(command => selection.Sql(merchant.Value, paging, command), cancellationToken), id => id);
        var found = await reader.ListAsync(ids.Data, cancellationToken);
        return TypedResults.Ok(new Page<DeliveryView>([.. found.Reverse()], ids.NextCursor));
    }

    private static async Task<Results<Ok<DeliveryView>, ProblemHttpResult>> FindAsync(
        MerchantId merchant, Guid id, NpgsqlDataSource database, DeliveryQueries reader, CancellationToken cancellationToken) =>
        await database.OwnsDeliveryAsync(merchant, id, cancellationToken)
            && await reader.FindAsync(id, cancellationToken) is { } delivery
            ? TypedResults.Ok(delivery)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Accepted<DeliveryView>, ProblemHttpResult>> ResendAsync(
        MerchantId merchant, Guid id, Redelivery redelivery, DeliveryQueries reader, ClaimsPrincipal user,
        CancellationToken cancellationToken) =>
        await redelivery.ResendAsync(merchant, id, Subject.Of(user), cancellationToken) switch
        {
            RedeliveryResult.Queued when await reader.FindAsync(id, cancellationToken) is { } queued =>
                TypedResults.Accepted($"{Path}/{id}", queued),
            RedeliveryResult.Inactive =>
                TypedResults.Problem("The endpoint is inactive.", statusCode: StatusCodes.Status409Conflict),
            RedeliveryResult.Erased => ErasureAnswers.Deleted(),
            _ => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound),
        };

    private static async Task<bool> OwnsDeliveryAsync(
        this NpgsqlDataSource database, MerchantId merchant, Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select from webhooks.deliveries delivery join webhooks.messages message on message.id = delivery.message_id
            where delivery.id = $1 and message.merchant_id = $2
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = merchant.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken);
    }
}
