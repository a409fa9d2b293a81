using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Sender.Api;

public static class MessageRoutes
{
    private const string Path = "/api/v1/messages";

    /// <summary>
    /// <c>GET /api/v1/messages</c>, <c>GET /api/v1/messages/{id}</c> and <c>DELETE /api/v1/messages/{id}/content</c>, which asks
    /// for the scope and for no merchant.
    /// </summary>
    public static void MapMessages(this WebApplication app)
    {
        var messages = app.MapMerchantGroup(Path, Scope.WebhooksRead);
        messages.MapGet("/", ListAsync)
            .WithSummary("List the merchant's messages, newest first, without payloads.");
        messages.MapGet("/{id}", FindAsync)
            .WithSummary("Get a message with its redacted payload and its deliveries.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        app.MapApi(Path, Scope.EventsErase).MapDelete("/{id}/content", EraseAsync).Writes(Scope.EventsErase)
            .WithSummary("Erase the payload of a message and the answers of its endpoints.")
            .WithDescription("Its waiting deliveries are cancelled. Its task stays. 409: one of its deliveries is running.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<Page<MessageSummary>>, ValidationProblem>> ListAsync(
        MerchantId merchant, [AsParameters] MessageFilter filter, [AsParameters] PageFields page, MessageQueries reader,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var selection = filter.Read(errors);
        var paging = Paging.Read(page, errors);
        return errors.Any
            ? errors.ToBadRequest()
            : TypedResults.Ok(await reader.ListAsync(merchant.Value, selection, paging, cancellationToken));
    }

    private static async Task<Results<Ok<MessageDetails>, ProblemHttpResult>> FindAsync(
        MerchantId merchant, string id, MessageQueries reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(merchant.Value, StorableText.Of(id), cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    private static Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> EraseAsync(
        string id, [FromQuery(Name = "reason")] string? reason, ContentErasure erasure, ClaimsPrincipal user,
        CancellationToken cancellationToken) =>
        ErasureAnswers.EraseAsync(
            reason, why => erasure.EraseMessageAsync(StorableText.Of(id), Subject.Of(user), why, cancellationToken));
}
