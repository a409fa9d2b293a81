using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Receiver.Events;

public static class EventEndpoints
{
    private const int MaxLimit = 200;

    /// <summary>
    /// <c>GET /events</c> and <c>GET /events/{id}</c>. They ask for no credentials, so they are there in Development only.
    /// </summary>
    public static void MapEvents(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
        {
            return;
        }

        var events = app.MapGroup("/events");
        events.MapGet("/", ListAsync);
        events.MapGet("/{id:guid}", FindAsync);
    }

    private static async Task<Results<Ok<EventList>, ProblemHttpResult>> ListAsync(
        EventReader reader, CancellationToken cancellationToken, int limit = 50) =>
        limit is < 1 or > MaxLimit
            ? TypedResults.Problem($"limit is {limit}; it goes from 1 to {MaxLimit}.", statusCode: StatusCodes.Status400BadRequest)
            : TypedResults.Ok(new EventList(await reader.NewestAsync(limit, cancellationToken)));

    private static async Task<Results<Ok<EventView>, ProblemHttpResult>> FindAsync(
        Guid id, EventReader reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);
}

/// <summary>The newest events, newest first.</summary>
public sealed record EventList(IReadOnlyList<EventView> Data);
