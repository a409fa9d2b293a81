using System.Linq.Expressions;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Api;

/// <summary>Filters the audit. Absent fields match every entry.</summary>
/// <param name="Actor">The subject of the token, or <c>agent:{name}</c>.</param>
/// <param name="Action"><c>replay</c>, <c>cancel</c>, <c>grant</c>, <c>refuse</c>, <c>create</c>, <c>change</c>,
/// <c>delete</c>, <c>rotate_secret</c>, <c>reactivate</c>, <c>recover</c>, <c>resend</c>, <c>erase</c> or <c>resume</c>.</param>
/// <param name="ObjectKind"><c>event</c>, <c>replay</c>, <c>task</c>, <c>approval</c>, <c>endpoint</c>, <c>delivery</c>,
/// <c>message</c> or <c>database</c>.</param>
/// <param name="ObjectId">The id of the object.</param>
/// <param name="Since">Matches entries of this time or later; RFC 3339.</param>
/// <param name="Until">Matches entries before this time; RFC 3339.</param>
public sealed record AuditFilter(
    [FromQuery(Name = "actor")] string? Actor = null,
    [FromQuery(Name = "action")] string? Action = null,
    [FromQuery(Name = "object_kind")] string? ObjectKind = null,
    [FromQuery(Name = "object_id")] string? ObjectId = null,
    [FromQuery(Name = "since")] string? Since = null,
    [FromQuery(Name = "until")] string? Until = null);

/// <summary>An entry of the audit.</summary>
/// <param name="Actor">The <c>sub</c> of the token, redacted; <c>agent:{name}</c> of an agent outside.</param>
/// <param name="Reason">The reason that was given; null when none was.</param>
/// <param name="TraceId">The W3C trace id of the request.</param>
public sealed record AuditView(
    Guid Id, DateTimeOffset At, string Actor, string Action, string ObjectKind, string ObjectId, string? Reason, string? TraceId);

/// <summary>Reads the audit.</summary>
public sealed class AuditQueries(WebhooksDb db)
{
    public async Task<Page<AuditView>> ListAsync(
        AuditFilter filter, (DateTimeOffset? Since, DateTimeOffset? Until) span, Paging paging,
        CancellationToken cancellationToken)
    {
        var (least, greatest) = (TimeOrderedId.Least(span.Since), TimeOrderedId.Greatest(span.Until));
        IQueryable<AuditEntry> entries = db.Audit.AsNoTracking();
        Where(filter.Actor, e => e.Actor == filter.Actor);
        Where(filter.Action, e => e.Action == filter.Action);
        Where(filter.ObjectKind, e => e.ObjectKind == filter.ObjectKind);
        Where(filter.ObjectId, e => e.ObjectId == filter.ObjectId);
        Where(span.Since, e => e.At >= span.Since && e.Id >= least);
        Where(span.Until, e => e.At < span.Until && e.Id < greatest);
        Where(paging.Before, e => e.Id < paging.Before);
        var fetched = await entries.OrderByDescending(e => e.Id).Take(paging.Fetch).ToListAsync(cancellationToken);
        return paging.ToPage(fetched.ConvertAll(View), e => e.Id);

        void Where(object? value, Expression<Func<AuditEntry, bool>> condition) =>
            entries = value is null ? entries : entries.Where(condition);
    }

    private static AuditView View(AuditEntry entry) => new(
        entry.Id, entry.At, VisibleText.Of(entry.Actor), entry.Action, entry.ObjectKind, entry.ObjectId,
        entry.Reason is { } reason ? VisibleText.Of(reason) : null, entry.TraceId);
}
