using System.Text.Json;
using Aspire.Webhooks.Sender.Endpoints;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>
/// The result of a ping. It does not contain the endpoint's answer, so that pings cannot be used to read other servers.
/// </summary>
/// <param name="Ok">True for a 2xx answer, and for 401 and 403, because a receiver cannot know a new secret yet.</param>
/// <param name="Outcome"><c>delivered</c>, <c>http_status</c>, <c>timeout</c>, <c>network</c>, <c>tls</c>, <c>refused</c> or
/// <c>interrupted</c>.</param>
/// <param name="StatusCode">The status of the answer; null without one.</param>
/// <param name="LatencyMs">The duration in milliseconds.</param>
/// <param name="Detail">The meaning of the result, in one sentence.</param>
public sealed record PingView(bool Ok, string Outcome, int? StatusCode, int LatencyMs, string Detail);

/// <summary>
/// Tests an endpoint by a POST of type <c>webhook.ping</c>. It is signed and guarded like a delivery and sent by the same
/// client, but it is not a message, is never retried and is not stored.
/// </summary>
public sealed partial class EndpointPing(DeliveryClient client, TimeProvider time, ILogger<EndpointPing> logger)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <param name="endpoint">The endpoint, which has at least one secret.</param>
    public async Task<PingView> SendAsync(StoredEndpoint endpoint, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new { Type = EventTypeCatalog.Ping, Timestamp = now, Data = new { EndpointId = endpoint.Id } }, Json);
        var result = await client.SendAsync(
            new StoredDelivery(id, $"msg_{id:N}", EventTypeCatalog.Ping, payload, "application/json", null, now, endpoint),
            cancellationToken);

        var latency = (int)result.Duration.TotalMilliseconds;
        LogPing(logger, endpoint.Id, result.Outcome, result.StatusCode, latency);
        return new(IsFine(result), result.Outcome.Name(), result.StatusCode, latency, Detail(result));
    }

    private static bool IsFine(AttemptResult result) =>
        result.Outcome == AttemptOutcome.Delivered || (result is { Outcome: AttemptOutcome.HttpStatus, StatusCode: 401 or 403 });

    private static string Detail(AttemptResult result) => result switch
    {
        { Outcome: AttemptOutcome.Delivered } => $"The endpoint answered {result.StatusCode}.",
        { Outcome: AttemptOutcome.HttpStatus, StatusCode: { } status } => $"The endpoint answered {status}{Meaning(status)}",
        { Outcome: AttemptOutcome.Timeout } => $"{result.Error} An endpoint should answer first and work afterwards.",
        { Outcome: AttemptOutcome.Network } => $"The connection failed: {result.Error}",
        { Outcome: AttemptOutcome.Tls } =>
            $"The TLS handshake failed: {result.Error} The certificate must be valid for the host's name, with its chain.",
        { Outcome: AttemptOutcome.Refused } => $"Nothing was sent: {result.Error}",
        _ => result.Error ?? "It is not known why it failed.",
    };

    private static string Meaning(int status) => status switch
    {
        401 or 403 => ": something is there, and it verifies. It can know the secret only from now on.",
        >= 300 and < 400 => ", a redirect. Redirects are not followed: the URL must be the one that it leads to.",
        404 => ": there is nothing at the URL's path.",
        405 => ": the URL does not take POST.",
        410 => ": it says that it is gone for good.",
        429 => ": it asks for fewer requests.",
        >= 500 => ": the server has an error of its own.",
        _ => ". It should answer 2xx.",
    };

    [LoggerMessage(
        EventId = 4201, Level = LogLevel.Information,
        Message = "Ping of endpoint {EndpointId}: {Outcome} {Status} in {LatencyMs} ms.")]
    private static partial void LogPing(ILogger logger, Guid endpointId, AttemptOutcome outcome, int? status, int latencyMs);
}
