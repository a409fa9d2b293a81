using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Receiver.Api;

public static class ReplayRoutes
{
    private static readonly JsonSerializerOptions FilterJson = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Maps <c>POST /events/{id}/replay</c> and <c>/replays</c>.</summary>
    public static void MapReplays(this WebApplication app)
    {
        app.MapApi("/events", Scope.EventsRead).MapPost("/{id:guid}/replay", ReplayOneAsync).Writes(Scope.EventsWrite).ReadsBody()
            .WithSummary("Process one event again.")
            .WithDescription("410: the content of the event was deleted.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status410Gone);

        var replays = app.MapApi("/replays", Scope.EventsRead);
        replays.MapPost("/", ReplayManyAsync).Writes(Scope.EventsWrite).ReadsBody()
            .WithSummary("Process the events again that match a filter.")
            .WithDescription(
                "With dry_run nothing changes, and the answer reports what would be replayed. Events whose content was deleted "
                    + "are left out.");
        replays.MapGet("/", ListAsync).WithSummary("List replays, newest first.");
        replays.MapGet("/{id:guid}", FindAsync)
            .WithSummary("Get a replay and its progress.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        replays.MapPost("/{id:guid}/cancel", CancelAsync).Writes(Scope.EventsWrite)
            .WithSummary("Cancel the pending runs of a replay.")
            .WithDescription(
                "Running ones continue to their end; if one fails and waits for its next attempt, cancel again to stop it.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Accepted<ReplayDetails>, ValidationProblem, ProblemHttpResult>> ReplayOneAsync(
        Guid id, Body<ReplayReason> body, ReplayStore store, ReplayQueries reader, EventQueries events, ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var errors = new FieldErrors();
        var order = new ReplayOrder(new() { Id = id }, Reason.Read(request.Reason, errors), Limit: 1, PerSecond: 1);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        if (await store.TryAsync(order.Events, order.Limit, cancellationToken) is { Events: 0 })
        {
            return await events.ExistsAsync(id, cancellationToken)
                ? ErasureAnswers.Deleted()
                : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);
        }

        var filter = $$"""{"event_id":"{{id}}"}""";
        return await AcceptedAsync(
            await store.StartAsync(order, filter, Subject.Of(user), cancellationToken), reader, cancellationToken);
    }

    private static async Task<Results<Ok<DryRun>, Accepted<ReplayDetails>, ValidationProblem, ProblemHttpResult>> ReplayManyAsync(
        Body<ReplayRequest> body, ReplayStore store, ReplayQueries reader, Redactor redactor, ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var errors = new FieldErrors();
        var order = request.Read(errors, redactor);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        if (request.DryRun)
        {
            return TypedResults.Ok(await store.TryAsync(order.Events, order.Limit, cancellationToken));
        }

        var filter = request.All ? """{"all":true}""" : JsonSerializer.Serialize(request.Filter?.Redacted(redactor), FilterJson);
        return await AcceptedAsync(
            await store.StartAsync(order, filter, Subject.Of(user), cancellationToken), reader, cancellationToken);
    }

    private static async Task<Results<Ok<Page<ReplayView>>, ValidationProblem>> ListAsync(
        [AsParameters] PageFields page, ReplayQueries reader, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var paging = Paging.Read(page, errors);
        return errors.Any ? errors.ToBadRequest() : TypedResults.Ok(await reader.ListAsync(paging, cancellationToken));
    }

    private static async Task<Results<Ok<ReplayDetails>, ProblemHttpResult>> FindAsync(
        Guid id, ReplayQueries reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<ReplayDetails>, ProblemHttpResult>> CancelAsync(
        Guid id, ReplayStore store, ReplayQueries reader, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await store.CancelAsync(id, Subject.Of(user), cancellationToken)
            ? await FindAsync(id, reader, cancellationToken)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    private static async Task<Accepted<ReplayDetails>> AcceptedAsync(
        Guid id, ReplayQueries reader, CancellationToken cancellationToken) =>
        TypedResults.Accepted($"/replays/{id}", await reader.FindAsync(id, cancellationToken));
}
