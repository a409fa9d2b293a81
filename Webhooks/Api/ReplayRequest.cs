using System.Text.Json.Serialization;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Api;

/// <summary>The reason to process one event again.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReplayReason(string? Reason);

/// <summary>The events to process again, and the reason.</summary>
/// <param name="Filter">A filter with the fields of <c>GET /events</c>.</param>
/// <param name="Reason">The reason: 1 to 500 characters. A dry run needs none.</param>
/// <param name="All">Must be true to replay without a filter.</param>
/// <param name="DryRun">Whether to change nothing and report what would be replayed.</param>
/// <param name="Limit">The largest number of events, the oldest first: 1 to 100000. Default: 100000.</param>
/// <param name="PerSecond">The number of events that start per second: 1 to 1000. Default: 50.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReplayRequest(
    EventFilter? Filter = null, string? Reason = null, bool All = false, bool DryRun = false, int? Limit = null,
    int? PerSecond = null)
{
    private const int MaxEvents = 100_000;
    private const int MaxPerSecond = 1000;
    private const int DefaultPerSecond = 50;

    public ReplayOrder Read(FieldErrors errors, Redactor redactor)
    {
        var filter = Filter ?? new();
        if (filter.IsEmpty != All)
        {
            errors.Add(
                All ? "all" : "filter",
                All ? "all goes without a filter." : "filter says which events; \"all\": true, instead, means every event.");
        }

        // A dry run needs no reason.
        return new(
            filter.Read(errors, redactor, "filter."),
            DryRun && Reason is null ? "" : Api.Reason.Read(Reason, errors),
            (int)errors.Number("limit", Limit, MaxEvents, 1, MaxEvents),
            (int)errors.Number("per_second", PerSecond, DefaultPerSecond, 1, MaxPerSecond));
    }
}

/// <summary>A validated <see cref="ReplayRequest"/>.</summary>
public sealed record ReplayOrder(EventSelection Events, string Reason, int Limit, int PerSecond);
