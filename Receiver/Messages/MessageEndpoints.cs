using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Receiver.Messages;

public static class MessageEndpoints
{
    /// <summary><c>GET /messages</c> and <c>GET /stats</c>: open in Development, for whoever may read events elsewhere.</summary>
    public static void MapMessages(this WebApplication app)
    {
        // Access: elsewhere than in Development they ask for the scope events:read.
        if (!app.Environment.IsDevelopment())
        {
            return;
        }

        app.MapGet("/messages", FindAsync).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        app.MapGet("/stats", StatsAsync);
    }

    private static async Task<Results<Ok<MessagePage>, ProblemHttpResult>> FindAsync(
        MessageReader reader, string? limit, string? offset, string? from, string? since, string? q, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        return MessageQuery.Read(limit, offset, from, since, q, errors) is { } query
            ? TypedResults.Ok(await reader.FindAsync(query, cancellationToken))
            : errors.Reply();
    }

    private static async Task<Ok<MessageStats>> StatsAsync(MessageReader reader, CancellationToken cancellationToken) =>
        TypedResults.Ok(await reader.StatsAsync(cancellationToken));
}
