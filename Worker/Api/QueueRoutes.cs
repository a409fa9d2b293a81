using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Worker.Api;

/// <summary>The jobs of one kind.</summary>
/// <param name="Kind"><c>event</c>, <c>task</c>, <c>external</c> or <c>delivery</c>.</param>
/// <param name="DueAgeSeconds">How long the oldest due job has been due; 0 when none is.</param>
public sealed record QueueView(string Kind, double DueAgeSeconds);

public static class QueueRoutes
{
    /// <summary>Maps <c>GET /queue</c>.</summary>
    public static void MapQueue(this WebApplication app) =>
        app.MapApi("/queue", Scope.EventsRead).MapGet("/", ListAsync)
        .WithSummary("How long the oldest due job of each kind has been due.")
        .WithDescription("Without the deliveries to endpoints whose circuit is open.");

    private static async Task<Ok<Page<QueueView>>> ListAsync(JobQueue jobs, CancellationToken cancellationToken)
    {
        var views = new List<QueueView>();
        foreach (var kind in Enum.GetValues<JobKind>())
        {
            views.Add(new(kind.Name(), (await jobs.DueAgeAsync(kind, cancellationToken)).TotalSeconds));
        }

        return TypedResults.Ok(new Page<QueueView>(views, null));
    }
}
