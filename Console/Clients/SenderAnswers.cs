using System.Text.Json;

namespace Aspire.Webhooks.Console.Clients;

// The parts of the Sender's answers that pages use. docs/routes.md describes the routes.

/// <summary>A filter of deliveries. Empty fields match every delivery.</summary>
public sealed record DeliveryQuery(
    Guid? EndpointId = null, string? MessageId = null, string? State = null, string? EventType = null,
    DateTimeOffset? Since = null);

public sealed record DeliveryItem(
    Guid Id, string MessageId, string EventType, Guid EndpointId, string Url, string State, string? LastError,
    DateTimeOffset CreatedAt, DateTimeOffset? NextAttemptAt, IReadOnlyList<AttemptItem> Attempts);

public sealed record AttemptItem(
    int Run, int Attempt, string Outcome, int? StatusCode, string? Error, int DurationMs, DateTimeOffset StartedAt,
    string? ResponseBody = null);

public sealed record MessageAnswer(
    string Id, string EventType, DateTimeOffset CreatedAt, string? ContentType = null, BodyAnswer? Payload = null,
    string? TraceId = null, IReadOnlyList<DeliveryItem>? Deliveries = null);

/// <summary>An endpoint, as its merchant or an administrator sees it.</summary>
public sealed record EndpointItem(
    Guid Id, string? MerchantId, string Url, IReadOnlyList<string> Events, string Description, string State,
    string? DisabledReason, DateTimeOffset? DisabledAt, int FailedDeliveries, Circuit Circuit, int? RateLimit,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Signature = null, string? PublicKey = null,
    IReadOnlyList<EndpointSecretItem>? Secrets = null, IReadOnlyDictionary<string, string>? Headers = null,
    string? Secret = null, PingAnswer? Ping = null);

public sealed record Circuit(int FailedAttempts, DateTimeOffset? HeldUntil);

public sealed record EndpointSecretItem(DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

public sealed record PingAnswer(bool Ok, string Outcome, int? StatusCode, int LatencyMs, string Detail);

/// <param name="Secret">Shown once.</param>
public sealed record RotationAnswer(string Signature, string? Secret, string? PublicKey, DateTimeOffset OthersExpireAt);

public sealed record RecoveryAnswer(long Count);

public sealed record EventTypeItem(string Name, string Description, JsonElement? Schema = null, JsonElement? Example = null);

public sealed record DeliveryStatistics(IReadOnlyList<MerchantStatistics> Merchants);

public sealed record DeliveryCounts(long Delivered, long Failed, long Skipped, long Cancelled, long Open, double? SuccessRate);

public sealed record MerchantStatistics(string MerchantId, DeliveryCounts Deliveries);
