namespace Aspire.Webhooks.Console.Clients;

/// <summary>The Receiver's API.</summary>
public sealed class ReceiverClient(HttpClient http) : ApiClient(http, "Receiver")
{
    public Task<ApiAnswer<Listing<EventItem>>> EventsAsync(
        EventQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync<Listing<EventItem>>(
            QueryText.Of(
                "/events", ("source", query.Source), ("event_type", query.EventType), ("state", query.State),
                ("since", QueryText.Of(query.Since)), ("until", QueryText.Of(query.Until)), ("delivery_id", query.DeliveryId),
                ("cursor", cursor), ("limit", $"{limit}")),
            cancellationToken);

    public Task<ApiAnswer<EventAnswer>> EventAsync(Guid id, CancellationToken cancellationToken) =>
        GetAsync<EventAnswer>($"/events/{id}", cancellationToken);

    public Task<ApiAnswer<ReplayItem>> ReplayAsync(Guid id, string? reason, CancellationToken cancellationToken) =>
        PostAsync<ReplayItem>($"/events/{id}/replay", new { Reason = reason }, cancellationToken);

    /// <param name="limit">The largest number of events that are counted.</param>
    public Task<ApiAnswer<DryRunAnswer>> TryReplayAsync(EventQuery query, int limit, CancellationToken cancellationToken) =>
        PostAsync<DryRunAnswer>(
            "/replays", new { Filter = FilterOf(query), All = IsAll(query), DryRun = true, Limit = limit }, cancellationToken);

    public Task<ApiAnswer<ReplayItem>> ReplayAsync(
        EventQuery query, string? reason, int perSecond, CancellationToken cancellationToken) =>
        PostAsync<ReplayItem>(
            "/replays", new { Filter = FilterOf(query), All = IsAll(query), Reason = reason, PerSecond = perSecond },
            cancellationToken);

    public Task<ApiAnswer<Listing<ReplayItem>>> ReplaysAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync<Listing<ReplayItem>>(QueryText.Of("/replays", ("cursor", cursor), ("limit", $"{limit}")), cancellationToken);

    public Task<ApiAnswer<ReplayItem>> ReplayAsync(Guid id, CancellationToken cancellationToken) =>
        GetAsync<ReplayItem>($"/replays/{id}", cancellationToken);

    public Task<ApiAnswer<ReplayItem>> CancelReplayAsync(Guid id, CancellationToken cancellationToken) =>
        PostAsync<ReplayItem>($"/replays/{id}/cancel", null, cancellationToken);

    public Task<ApiAnswer<Listing<RejectionItem>>> RejectionsAsync(
        string? source, string? reason, string? address, DateTimeOffset? since, string? cursor, int limit,
        CancellationToken cancellationToken) =>
        GetAsync<Listing<RejectionItem>>(
            QueryText.Of(
                "/rejections", ("source", source), ("reason", reason), ("remote_address", address),
                ("since", QueryText.Of(since)), ("cursor", cursor), ("limit", $"{limit}")),
            cancellationToken);

    public Task<ApiAnswer<SeriesAnswer>> SeriesAsync(
        string name, SeriesPeriod period, CancellationToken cancellationToken) =>
        GetSeriesAsync("/series", name, period, cancellationToken);

    public Task<ApiAnswer<Listing<AuditItem>>> AuditAsync(
        AuditQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync<Listing<AuditItem>>(
            QueryText.Of(
                "/audit", ("actor", query.Actor), ("action", query.Action), ("object_kind", query.ObjectKind),
                ("object_id", query.ObjectId), ("since", QueryText.Of(query.Since)), ("cursor", cursor), ("limit", $"{limit}")),
            cancellationToken);

    public Task<ApiAnswer<Listing<SourceItem>>> SourcesAsync(CancellationToken cancellationToken) =>
        GetAsync<Listing<SourceItem>>("/sources", cancellationToken);

    public Task<ApiAnswer<SourcePauseAnswer>> PauseAsync(string? source, string? reason, CancellationToken cancellationToken) =>
        PostAsync<SourcePauseAnswer>(PathOf(source, "pause"), new { Reason = reason }, cancellationToken);

    public Task<ApiAnswer<SourcePauseAnswer>> ResumeAsync(string? source, string? reason, CancellationToken cancellationToken) =>
        PostAsync<SourcePauseAnswer>(PathOf(source, "resume"), new { Reason = reason }, cancellationToken);

    public Task<ApiAnswer<TestEventAnswer>> SendTestAsync(
        string? source, string? eventType, CancellationToken cancellationToken) =>
        PostAsync<TestEventAnswer>(PathOf(source, "test-events"), new { EventType = eventType }, cancellationToken);

    public Task<ApiAnswer<PhoneMessageListing>> PhoneMessagesAsync(
        string? from, string? text, DateTimeOffset? since, long offset, int limit, CancellationToken cancellationToken) =>
        GetAsync<PhoneMessageListing>(
            QueryText.Of(
                "/messages", ("from", from), ("q", text), ("since", QueryText.Of(since)), ("offset", $"{offset}"),
                ("limit", $"{limit}")),
            cancellationToken);

    public Task<ApiAnswer<PhoneMessageStatistics>> PhoneStatisticsAsync(CancellationToken cancellationToken) =>
        GetAsync<PhoneMessageStatistics>("/stats", cancellationToken);

    private static string PathOf(string? source, string action) => $"/sources/{Uri.EscapeDataString(source ?? "")}/{action}";

    private static bool IsAll(EventQuery query) => query == new EventQuery();

    private static Dictionary<string, string>? FilterOf(EventQuery query)
    {
        (string Name, string? Value)[] fields =
        [
            ("source", query.Source), ("event_type", query.EventType), ("state", query.State),
            ("since", QueryText.Of(query.Since)), ("until", QueryText.Of(query.Until)), ("delivery_id", query.DeliveryId),
        ];
        return IsAll(query)
            ? null
            : fields.Where(field => !string.IsNullOrEmpty(field.Value))
                .ToDictionary(field => field.Name, field => field.Value!, StringComparer.Ordinal);
    }
}
