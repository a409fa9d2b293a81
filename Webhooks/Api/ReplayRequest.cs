using System.Text.Json.Serialization;

namespace Aspire.Webhooks.Api;

/// <summary>Why one event is to be processed again.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReplayReason(string? Reason);

/// <summary>Which events are to be processed again, and why.</summary>
/// <param name="Filter">As <c>GET /events</c> takes it.</param>
/// <param name="Reason">Why: 1 to 500 characters. A dry run needs none.</param>
/// <param name="All">Must be true to replay without a filter.</param>
/// <param name="DryRun">Changes nothing and says what would be replayed.</param>
/// <param name="Limit">How many at most, the oldest first: 1 to 100000, which is the default.</param>
/// <param name="PerSecond">How many are started in a second: 1 to 1000, 50 if absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReplayRequest(
    EventFilter? Filter = null, string? Reason = null, bool All = false, bool DryRun = false, int? Limit = null,
    int? PerSecond = null)
{
    private const int MaxEvents = 100_000;
    private const int MaxPerSecond = 1000;
    private const int DefaultPerSecond = 50;

    public ReplayOrder Read(FieldErrors errors)
    {
        var filter = Filter ?? new();
        if (filter.IsEmpty != All)
        {
            errors.Add(
                All ? "all" : "filter",
                All ? "all goes without a filter." : "filter says which events; \"all\": true, instead, means every event.");
        }

        // A dry run is no replay, and needs no reason.
        return new(
            filter.Read(errors, "filter."),
            DryRun && Reason is null ? "" : Api.Reason.Read(Reason, errors),
            (int)errors.Number("limit", Limit, MaxEvents, 1, MaxEvents),
            (int)errors.Number("per_second", PerSecond, DefaultPerSecond, 1, MaxPerSecond));
    }
}

/// <summary>The same, checked.</summary>
public sealed record ReplayOrder(EventSelection Events, string Reason, int Limit, int PerSecond);
