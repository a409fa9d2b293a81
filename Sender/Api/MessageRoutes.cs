using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

public static class MessageRoutes
{
    /// <summary><c>GET /api/v1/messages</c> and <c>GET /api/v1/messages/{id}</c>.</summary>
    public static void MapMessages(this WebApplication app)
    {
        var messages = app.MapMerchantGroup("/api/v1/messages", Scope.WebhooksRead);
        messages.MapGet("/", ListAsync)
            .WithSummary("List the merchant's messages, newest first, without payloads.");
        messages.MapGet("/{id}", FindAsync)
            .WithSummary("Get a message with its redacted payload and its deliveries.")
            .ProducesProblem(StatusCodes.Status404NotFound);
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
}
