using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Receiver.Api;

public static class AuditRoutes
{
    /// <summary>Maps <c>GET /audit</c>, which lists the entries of all services.</summary>
    public static void MapAudit(this WebApplication app) =>
        app.MapApi("/audit", Scope.AuditRead).MapGet("/", ListAsync)
        .WithSummary("List the entries of the audit, newest first.")
        .WithDescription(
            "Replays, decisions about approvals, changes of endpoints, resends and erasures, of all services. A request that "
                + "changed nothing has no entry.");

    private static async Task<Results<Ok<Page<AuditView>>, ValidationProblem>> ListAsync(
        [AsParameters] AuditFilter filter, [AsParameters] PageFields page, AuditQueries reader,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        errors.Text("actor", filter.Actor);
        errors.OneOf("action", filter.Action, AuditActions.All);
        errors.OneOf("object_kind", filter.ObjectKind, AuditObjects.All);
        errors.Text("object_id", filter.ObjectId);
        var span = errors.Span("", filter.Since, filter.Until);
        var paging = Paging.Read(page, errors);
        return errors.Any
            ? errors.ToBadRequest()
            : TypedResults.Ok(await reader.ListAsync(filter, span, paging, cancellationToken));
    }
}
