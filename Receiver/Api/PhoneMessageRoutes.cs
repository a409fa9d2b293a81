using System.ComponentModel;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Receiver.Api;

public static class PhoneMessageRoutes
{
    /// <summary>
    /// Maps <c>GET /messages</c> and <c>GET /stats</c>. In Development they are open to this machine; elsewhere they require the
    /// scope to read events.
    /// </summary>
    public static void MapPhoneMessages(this WebApplication app)
    {
        var messages = app.MapGroup("").WithTags("Messages").RefuseUnknownParameters();
        if (app.Environment.IsDevelopment())
        {
            messages.RequireLocalHost();
        }
        else
        {
            messages.RequireScope(Scope.EventsRead);
        }

        messages.MapGet("/messages", FindAsync)
            .WithSummary("List phone messages, oldest first.")
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        messages.MapGet("/stats", StatsAsync).WithSummary("Count phone messages and who sent most.");
    }

    private static async Task<Results<Ok<PhoneMessagePage>, ProblemHttpResult>> FindAsync(
        PhoneMessageQueries reader,
        [FromQuery, Description("How many: 1 to 100, 50 if absent.")] string? limit,
        [FromQuery, Description("How many to skip.")] string? offset,
        [FromQuery, Description("The sender's number (E.164).")] string? from,
        [FromQuery, Description("Sent at that time or later (ISO 8601).")] string? since,
        [FromQuery, Description("What the text contains, in any case.")] string? q,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        return PhoneMessageFilter.Read(limit, offset, from, since, q, errors) is { } query
            ? TypedResults.Ok(await reader.FindAsync(query, cancellationToken))
            : errors.ToUnprocessable();
    }

    private static async Task<Ok<PhoneMessageStats>> StatsAsync(
        PhoneMessageQueries reader, CancellationToken cancellationToken) =>
        TypedResults.Ok(await reader.StatsAsync(cancellationToken));
}
