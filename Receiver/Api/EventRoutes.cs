using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Receiver.Api;

public static class EventRoutes
{
    /// <summary>Maps <c>GET /events</c>, <c>GET /events/{id}</c> and <c>DELETE /events/{id}/content</c>.</summary>
    public static void MapEvents(this WebApplication app)
    {
        var events = app.MapApi("/events", Scope.EventsRead);
        events.MapGet("/", ListAsync)
            .WithSummary("List events, newest first.")
            .WithMetadata(new StateParameter("The state of the event's latest run.", EventStates.All));
        events.MapGet("/{id:guid}", FindAsync)
            .WithSummary("Get an event with its headers, body, runs, tasks and messages.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        app.MapApi("/events", Scope.EventsErase).MapDelete("/{id:guid}/content", EraseAsync).Writes(Scope.EventsErase)
            .WithSummary("Erase the content of an event, of its tasks and of the messages that they made.")
            .WithDescription(
                "Its waiting jobs are cancelled. The event stays, so that duplicates of it are still detected. 409: one of its "
                    + "jobs is running.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<Page<EventView>>, ValidationProblem>> ListAsync(
        [AsParameters] EventFilter filter, [AsParameters] PageFields page, EventQueries reader, Redactor redactor,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var selection = filter.Read(errors, redactor);
        var paging = Paging.Read(page, errors);
        return errors.Any ? errors.ToBadRequest() : TypedResults.Ok(await reader.ListAsync(selection, paging, cancellationToken));
    }

    private static async Task<Results<Ok<EventDetails>, ProblemHttpResult>> FindAsync(
        Guid id, EventQueries reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    private static Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> EraseAsync(
        Guid id, [FromQuery(Name = "reason")] string? reason, ContentErasure erasure, ClaimsPrincipal user,
        CancellationToken cancellationToken) =>
        ErasureAnswers.EraseAsync(
            reason, why => erasure.EraseEventAsync(id, Subject.Of(user), why, cancellationToken));
}
