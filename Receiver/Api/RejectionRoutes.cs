using System.Linq.Expressions;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Receiver.Api;

/// <summary>Filters rejections. Absent fields match every rejection.</summary>
/// <param name="Source">The source that the request was for, or <c>unknown</c>.</param>
/// <param name="Reason">The reason of the refusal.</param>
/// <param name="Since">Matches requests received at this time or later; RFC 3339.</param>
/// <param name="Until">Matches requests received before this time; RFC 3339.</param>
/// <param name="RemoteAddress">The remote address of the connection.</param>
public sealed record RejectionFilter(
    [FromQuery(Name = "source")] string? Source,
    [FromQuery(Name = "reason")] string? Reason,
    [FromQuery(Name = "since")] string? Since,
    [FromQuery(Name = "until")] string? Until,
    [FromQuery(Name = "remote_address")] string? RemoteAddress);

/// <summary>A rejected request. It contains our findings and nothing that the sender wrote.</summary>
/// <param name="TraceId">The trace id of its answer.</param>
public sealed record RejectionView(
    Guid Id, string Source, string Reason, DateTimeOffset ReceivedAt, string RemoteAddress, string? TraceId);

public static class RejectionRoutes
{
    /// <summary>Maps <c>GET /rejections</c>.</summary>
    public static void MapRejections(this WebApplication app) =>
        app.MapApi("/rejections", Scope.EventsRead).MapGet("/", ListAsync)
        .WithSummary("List requests that were refused, newest first.")
        .WithDescription(
            "What they said is not kept. Under a flood not all are remembered; "
            + "the metric webhook.rejections_dropped counts the others.");

    private static async Task<Results<Ok<Page<RejectionView>>, ValidationProblem>> ListAsync(
        [AsParameters] RejectionFilter filter, [AsParameters] PageFields page, WebhooksDb db, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var source = errors.Text("source", filter.Source);
        var reason = errors.Text("reason", filter.Reason);
        var (since, until) = errors.Span("", filter.Since, filter.Until);
        var address = errors.Address("remote_address", filter.RemoteAddress) is { } parsed ? RejectionLog.Text(parsed) : null;
        var paging = Paging.Read(page, errors);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        IQueryable<RejectedRequest> rejections = db.RejectedRequests.AsNoTracking();
        Where(source, r => r.Source == source);
        Where(reason, r => r.Reason == reason);
        Where(since, r => r.ReceivedAt >= since);
        // Without this bound, a period without rejections is looked for in all of them.
        var least = TimeOrderedId.Least(since);
        Where(least, r => r.Id >= least);
        Where(until, r => r.ReceivedAt < until);
        Where(address, r => r.RemoteAddress == address);
        Where(paging.Before, r => r.Id < paging.Before);
        var fetched = await rejections.OrderByDescending(r => r.Id).Take(paging.Fetch)
            .Select(r => new RejectionView(r.Id, r.Source, r.Reason, r.ReceivedAt, r.RemoteAddress, r.TraceId))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(paging.ToPage(fetched, r => r.Id));

        void Where(object? value, Expression<Func<RejectedRequest, bool>> condition) =>
            rejections = value is null ? rejections : rejections.Where(condition);
    }
}
