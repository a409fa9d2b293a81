using System.Text.Json;
using Aspire.Webhooks.Console.Access;

namespace Aspire.Webhooks.Console.Clients;

/// <summary>
/// The Sender's API. A merchant's token names its merchant; an administrator names the merchant with each call.
/// </summary>
public sealed class SenderClient(HttpClient http, Person person) : ApiClient(http, "Sender")
{
    private const string Webhooks = "/api/v1/webhooks";

    public Task<ApiAnswer<Listing<EndpointItem>>> EndpointsAsync(
        string? merchant, string? state, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync<Listing<EndpointItem>>(
            person.IsMerchant
                ? QueryText.Of(Webhooks, ("cursor", cursor), ("limit", $"{limit}"))
                : QueryText.Of(
                    "/api/v1/admin/webhooks", ("merchant_id", merchant), ("state", state), ("cursor", cursor),
                    ("limit", $"{limit}")),
            cancellationToken);

    public Task<ApiAnswer<EndpointItem>> EndpointAsync(Guid id, string? merchant, CancellationToken cancellationToken) =>
        GetAsync<EndpointItem>(For(merchant, $"{Webhooks}/{id}"), cancellationToken);

    public Task<ApiAnswer<EndpointItem>> CreateEndpointAsync(
        string? merchant, string? url, IReadOnlyList<string> events, string? description, CancellationToken cancellationToken) =>
        PostAsync<EndpointItem>(
            For(merchant, Webhooks), new { Url = url, Events = events, Description = description ?? "" }, cancellationToken);

    public Task<ApiAnswer<EndpointItem>> ActivateAsync(
        Guid id, string? merchant, bool active, CancellationToken cancellationToken) =>
        SendAsync<EndpointItem>(
            HttpMethod.Patch, For(merchant, $"{Webhooks}/{id}"), new { Active = active }, cancellationToken);

    public Task<ApiAnswer<NoContent>> DeleteEndpointAsync(Guid id, string? merchant, CancellationToken cancellationToken) =>
        SendAsync<NoContent>(HttpMethod.Delete, For(merchant, $"{Webhooks}/{id}"), null, cancellationToken);

    public Task<ApiAnswer<PingAnswer>> PingAsync(Guid id, string? merchant, CancellationToken cancellationToken) =>
        PostAsync<PingAnswer>(For(merchant, $"{Webhooks}/{id}/ping"), null, cancellationToken);

    public Task<ApiAnswer<RotationAnswer>> RotateAsync(
        Guid id, string? merchant, long overlapSeconds, CancellationToken cancellationToken) =>
        PostAsync<RotationAnswer>(
            For(merchant, $"{Webhooks}/{id}/rotate-secret"), new { OverlapSeconds = overlapSeconds }, cancellationToken);

    public Task<ApiAnswer<RecoveryAnswer>> RecoverAsync(
        Guid id, string? merchant, DateTimeOffset since, CancellationToken cancellationToken) =>
        PostAsync<RecoveryAnswer>(
            For(merchant, $"{Webhooks}/{id}/recover"), new { Since = QueryText.Of(since) }, cancellationToken);

    public Task<ApiAnswer<EndpointItem>> ReactivateAsync(Guid id, string? reason, CancellationToken cancellationToken) =>
        PostAsync<EndpointItem>($"/api/v1/admin/webhooks/{id}/reactivate", new { Reason = reason }, cancellationToken);

    public Task<ApiAnswer<Listing<DeliveryItem>>> DeliveriesAsync(
        string? merchant, DeliveryQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync<Listing<DeliveryItem>>(
            QueryText.Of(
                For(merchant, "/api/v1/deliveries"), ("endpoint_id", query.EndpointId?.ToString()),
                ("message_id", query.MessageId), ("state", query.State), ("event_type", query.EventType),
                ("since", QueryText.Of(query.Since)), ("cursor", cursor), ("limit", $"{limit}")),
            cancellationToken);

    public Task<ApiAnswer<DeliveryItem>> DeliveryAsync(Guid id, string? merchant, CancellationToken cancellationToken) =>
        GetAsync<DeliveryItem>(For(merchant, $"/api/v1/deliveries/{id}"), cancellationToken);

    public Task<ApiAnswer<DeliveryItem>> ResendAsync(Guid id, string? merchant, CancellationToken cancellationToken) =>
        PostAsync<DeliveryItem>(For(merchant, $"/api/v1/deliveries/{id}/resend"), null, cancellationToken);

    public Task<ApiAnswer<MessageAnswer>> MessageAsync(string id, string? merchant, CancellationToken cancellationToken) =>
        GetAsync<MessageAnswer>(For(merchant, $"/api/v1/messages/{Uri.EscapeDataString(id)}"), cancellationToken);

    public Task<ApiAnswer<MessageAnswer>> PublishAsync(
        string? merchant, string eventType, JsonElement payload, CancellationToken cancellationToken) =>
        PostAsync<MessageAnswer>(
            "/api/v1/messages",
            person.IsMerchant
                ? new { EventType = eventType, Payload = payload }
                : new { MerchantId = merchant, EventType = eventType, Payload = payload },
            cancellationToken);

    public Task<ApiAnswer<Listing<EventTypeItem>>> EventTypesAsync(CancellationToken cancellationToken) =>
        GetAsync<Listing<EventTypeItem>>("/api/v1/event-types", cancellationToken);

    /// <summary>The series of all endpoints.</summary>
    public Task<ApiAnswer<SeriesAnswer>> SeriesAsync(string name, SeriesPeriod period, CancellationToken cancellationToken) =>
        GetSeriesAsync("/api/v1/admin/series", name, period, cancellationToken);

    /// <summary>The series of one endpoint.</summary>
    public Task<ApiAnswer<SeriesAnswer>> SeriesAsync(
        Guid id, string? merchant, string name, SeriesPeriod period, CancellationToken cancellationToken) =>
        GetSeriesAsync(For(merchant, $"{Webhooks}/{id}/series"), name, period, cancellationToken);

    public Task<ApiAnswer<DeliveryStatistics>> StatisticsAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        GetAsync<DeliveryStatistics>(
            QueryText.Of("/api/v1/admin/stats", ("since", QueryText.Of(since))), cancellationToken);

    private string For(string? merchant, string path) =>
        person.IsMerchant ? path : QueryText.Of(path, ("merchant_id", merchant));
}
