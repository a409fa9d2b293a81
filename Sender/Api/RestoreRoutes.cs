using System.Security.Claims;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <param name="Reason">Why, for the audit: 1 to 500 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ResumeRequest(string? Reason = null) : IReasonRequest;

public static class RestoreRoutes
{
    /// <summary>Maps <c>GET /api/v1/admin/restore</c> and <c>POST /api/v1/admin/restore/resume</c>.</summary>
    public static void MapRestore(this WebApplication app)
    {
        var restore = app.MapApi("/api/v1/admin/restore", Scope.Admin);
        restore.MapGet("/", async (RestoreGuard guard, CancellationToken cancellationToken) =>
                TypedResults.Ok(await guard.ReadAsync(cancellationToken)))
            .WithSummary("Whether deliveries wait because the database was restored, and how many are open.");
        restore.MapPost("/resume", ResumeAsync).Writes(Scope.Admin).ReadsBody()
            .WithSummary("Let deliveries begin on a restored database, in all Senders.")
            .WithDescription("Those that were delivered after the backup are delivered again, with the same webhook-id.");
    }

    private static Task<Results<Ok<RestoreView>, ValidationProblem, ProblemHttpResult>> ResumeAsync(
        Body<ResumeRequest> body, RestoreGuard guard, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        body.WithReasonAsync<ResumeRequest, RestoreView>(async reason =>
        {
            await guard.ResumeAsync(Subject.Of(user), reason, cancellationToken);
            return TypedResults.Ok(await guard.ReadAsync(cancellationToken));
        });
}
