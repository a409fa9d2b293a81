using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>Filters deliveries. Absent fields match every delivery.</summary>
/// <param name="EndpointId">Matches deliveries to this endpoint.</param>
/// <param name="MessageId">Matches deliveries of this message.</param>
/// <param name="State"><c>pending</c>, <c>running</c>, <c>delivered</c>, <c>failed</c>, <c>skipped</c> or
/// <c>cancelled</c>.</param>
/// <param name="EventType">The message's type.</param>
/// <param name="Since">Matches deliveries of messages published at this time or later; RFC 3339.</param>
/// <param name="Until">Matches deliveries of messages published before this time; RFC 3339.</param>
public sealed record DeliveryFilter(
    [FromQuery(Name = "endpoint_id")] string? EndpointId = null,
    [FromQuery(Name = "message_id")] string? MessageId = null,
    [FromQuery(Name = "state")] string? State = null,
    [FromQuery(Name = "event_type")] string? EventType = null,
    [FromQuery(Name = "since")] string? Since = null,
    [FromQuery(Name = "until")] string? Until = null)
{
    public DeliverySelection Read(FieldErrors errors)
    {
        var (since, until) = errors.Span("", Since, Until);
        return new()
        {
            EndpointId = errors.Id("endpoint_id", EndpointId),
            MessageId = errors.Text("message_id", MessageId),
            State = errors.OneOf("state", State, DeliveryStates.All) is { } state ? DeliveryStates.ToJob(state) : null,
            EventType = errors.Text("event_type", EventType),
            Since = since,
            Until = until,
        };
    }
}

/// <summary>A validated filter as SQL.</summary>
public sealed record DeliverySelection
{
    /// <summary>The SQL condition that <c>job</c> is the latest job of its delivery.</summary>
    public const string IsLatest =
        "not exists (select from webhooks.jobs later where later.ref_id = job.ref_id and later.id > job.id)";

    private const string LatestState =
        "coalesce((select state from webhooks.jobs job where job.ref_id = delivery.id order by job.id desc limit 1), 'done')";

    public Guid? EndpointId { get; init; }
    public string? MessageId { get; init; }

    /// <summary>The state of the latest job.</summary>
    public string? State { get; init; }

    public string? EventType { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>
    /// Returns a query of the ids, newest first. The newest deliveries of each endpoint are read from an index, so that other
    /// endpoints and merchants add little cost. With 200,000 deliveries to each of five endpoints a query takes at most 10 ms
    /// by state, and 0.5 s by a rare type.
    /// </summary>
    /// <param name="command">The command that the parameters are added to.</param>
    public string Sql(string merchant, Paging paging, NpgsqlCommand command)
    {
        var endpoints = new SqlConditions(command);
        endpoints.Add(merchant, "endpoint.merchant_id = {0}");
        endpoints.Add(EndpointId, "endpoint.id = {0}");

        // Most deliveries are done. The few in other states are found by their jobs, in the order of ref_id.
        var byJob = State is not (null or "done");
        var deliveries = new SqlConditions(command);
        deliveries.Add(MessageId, "delivery.message_id = {0}");
        deliveries.Add(EventType, "message.event_type = {0}");
        deliveries.Add(Since, "delivery.created_at >= {0}");
        deliveries.Add(Until, "delivery.created_at < {0}");
        AddId(TimeOrderedId.Least(Since), ">=");
        AddId(TimeOrderedId.Greatest(Until), "<");
        AddId(paging.Before, "<");
        var state = State is "pending" or "running" ? "job.finished_at is null and job.state" : "job.ended";
        deliveries.Add(State, byJob ? $"{state} = {{0}} and {IsLatest}" : $"{LatestState} = {{0}}");
        return $"""
            select newest.id from webhooks.endpoints endpoint cross join lateral (
                select delivery.id from webhooks.deliveries delivery
                {(byJob ? "join webhooks.jobs job on job.ref_id = delivery.id" : "")}
                {(EventType is null ? "" : "join webhooks.messages message on message.id = delivery.message_id")}
                where {(byJob ? "job.kind = 'delivery' and job.lane = endpoint.id::text" : "delivery.endpoint_id = endpoint.id")}
                    and {deliveries}
                order by {(byJob ? "job.ref_id" : "delivery.id")} desc limit {paging.Fetch}) newest
            where {endpoints}
            order by newest.id desc limit {paging.Fetch}
            """;

        void AddId(Guid? id, string comparison) =>
            deliveries.Add(id, $"{(byJob ? "job.ref_id" : "delivery.id")} {comparison} {{0}}");
    }
}
