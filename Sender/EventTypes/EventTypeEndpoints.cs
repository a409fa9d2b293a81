using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.EventTypes;

public static class EventTypeEndpoints
{
    /// <summary><c>GET /api/v1/event-types</c>.</summary>
    public static void MapEventTypes(this WebApplication app) => app.MapOperatorGroup("/api/v1/event-types", Scope.WebhooksRead).MapGet("/", List)
        .WithSummary("List the types of events that endpoints can subscribe to, by name.");

    private static Ok<IReadOnlyList<EventType>> List(EventTypeCatalog catalog) => TypedResults.Ok(catalog.All);
}
