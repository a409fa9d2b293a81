using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

public static class EventTypeRoutes
{
    /// <summary><c>GET /api/v1/event-types</c>.</summary>
    public static void MapEventTypes(this WebApplication app) =>
        app.MapApi("/api/v1/event-types", Scope.WebhooksRead, ApiRoutes.Merchants).MapGet("/", List)
        .WithSummary("List the event types that endpoints can subscribe to, by name, on one page.");

    private static Ok<Page<EventType>> List(EventTypeCatalog catalog) =>
        TypedResults.Ok(new Page<EventType>(catalog.All, NextCursor: null));
}
