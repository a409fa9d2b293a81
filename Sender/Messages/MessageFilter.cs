using Aspire.Webhooks.Api;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>Filters messages. Absent fields match every message.</summary>
/// <param name="EventType">The type of the message.</param>
/// <param name="Since">Matches messages published at this time or later; RFC 3339.</param>
/// <param name="Until">Matches messages published before this time; RFC 3339.</param>
public sealed record MessageFilter(
    [FromQuery(Name = "event_type")] string? EventType = null,
    [FromQuery(Name = "since")] string? Since = null,
    [FromQuery(Name = "until")] string? Until = null)
{
    public MessageSelection Read(FieldErrors errors)
    {
        var (since, until) = errors.Span("", Since, Until);
        return new(errors.Text("event_type", EventType), since, until);
    }
}

/// <summary>A validated filter as SQL.</summary>
public sealed record MessageSelection(string? EventType, DateTimeOffset? Since, DateTimeOffset? Until)
{
    /// <summary>Returns a query of the messages, newest first.</summary>
    /// <param name="command">The command that the parameters are added to.</param>
    public string Sql(string merchant, Paging paging, NpgsqlCommand command)
    {
        var conditions = new SqlConditions(command);
        conditions.Add(merchant, "merchant_id = {0}");
        conditions.Add(EventType, "event_type = {0}");
        conditions.Add(Since, "created_at >= {0}");
        conditions.Add(Until, "created_at < {0}");
        AddId(TimeOrderedId.Least(Since), ">=");
        AddId(TimeOrderedId.Greatest(Until), "<");
        AddId(paging.Before, "<");
        return $"select id, event_type, created_at from webhooks.messages where {conditions} "
            + $"order by id desc limit {paging.Fetch}";

        void AddId(Guid? id, string comparison) =>
            conditions.Add(id is { } known ? MessageId.Of(known) : null, $"id {comparison} {{0}}");
    }
}
