namespace Aspire.Webhooks.Storage;

// One class per table. The constraints of the tables are in Storage/Migrations.

/// <summary>A verified inbound delivery. The body is exactly the signed bytes; null when it was deleted.</summary>
public sealed class InboundEvent
{
    public Guid Id { get; init; }
    public required string Source { get; init; }
    public required string DeliveryId { get; init; }
    public required string EventType { get; init; }
    public DateTimeOffset ReceivedAt { get; init; }
    public required string Headers { get; init; } // a JSON object
    public required string ContentType { get; init; }
    public string? ContentEncoding { get; init; } // of the body: gzip, deflate or br
    public required byte[]? Body { get; init; }
    public string? Traceparent { get; set; } // known once it is verified
    public InboxMessage? Message { get; init; } // of a source of phone messages
    public List<AgentTask> Tasks { get; } = [];
}

/// <summary>A job in the queue. <see cref="RefId"/> is the id of the event, task or delivery that it is about.</summary>
public sealed class Job
{
    public long Id { get; init; }
    public required string Kind { get; init; }
    public Guid RefId { get; init; }
    public string Lane { get; init; } = ""; // a source or an endpoint
    public required string State { get; init; }
    public int Attempt { get; init; }
    public int Failures { get; init; } // how many of the attempts failed
    public DateTimeOffset DueAt { get; init; }
    public Guid? LeaseToken { get; init; }
    public DateTimeOffset? LeaseUntil { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public Guid? ReplayId { get; init; }
    public Replay? Replay { get; init; }
}

/// <summary>
/// The state of a lane: the jobs of a source or an endpoint. A lane that is neither held, slow nor paused has no row.
/// </summary>
public sealed class JobLane
{
    public required string Kind { get; init; }
    public required string Lane { get; init; }
    public DateTimeOffset? HeldUntil { get; init; } // no job is claimed before this time
    public bool Slow { get; init; } // its jobs run at places of their own
    public DateTimeOffset? PausedAt { get; init; } // when an operator paused it; it is held without an end
}

/// <summary>The request of an operator to process events again.</summary>
public sealed class Replay
{
    public Guid Id { get; init; }
    public required string Reason { get; init; }
    public required string Filter { get; init; } // a JSON object
    public required string RequestedBy { get; init; }
    public int EventCount { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? CancelledAt { get; init; }
    public List<Job> Jobs { get; } = [];
}

/// <summary>A request that was refused.</summary>
public sealed class RejectedRequest
{
    public Guid Id { get; init; }
    public required string Source { get; init; }
    public required string Reason { get; init; }
    public DateTimeOffset ReceivedAt { get; init; }
    public required string RemoteAddress { get; init; }
    public string? TraceId { get; init; }
}

/// <summary>A phone message that an event contained.</summary>
public sealed class InboxMessage
{
    public Guid EventId { get; init; }
    public required string MessageId { get; init; }
    public required string FromMsisdn { get; init; }
    public required string ToMsisdn { get; init; }
    public DateTimeOffset Ts { get; init; }
    public string? Text { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The work of one agent for one event and one playbook.</summary>
public sealed class AgentTask
{
    public Guid Id { get; init; }
    public Guid EventId { get; init; }
    public required string Playbook { get; init; }
    public string Agent { get; init; } = "rules";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public string? Result { get; init; }
    public string? Traceparent { get; init; }
    public List<AgentStep> Steps { get; } = [];
    public List<Approval> Approvals { get; } = [];
    public List<Message> Messages { get; } = [];
}

/// <summary>One model or tool call in a task; its content is redacted before it is stored.</summary>
public sealed class AgentStep
{
    public Guid TaskId { get; init; }
    public int Position { get; init; }
    public required string Kind { get; init; }
    public required string Content { get; init; }
    public string? Tool { get; init; }
    public string? Data { get; init; } // JSON: a model's calls, a tool's arguments
    public bool Failed { get; init; }
    public int DurationMs { get; init; }
    public long InputTokens { get; init; }
    public long OutputTokens { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A tool call that needs, or needed, the decision of a person.</summary>
public sealed class Approval
{
    public Guid Id { get; init; }
    public Guid TaskId { get; init; }
    public int Position { get; init; }
    public required string Tool { get; init; }
    public required string Arguments { get; init; } // JSON
    public required string ArgumentsSha256 { get; init; } // hex
    public required string State { get; init; }
    public DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
    public string? DecidedBy { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public bool MayRepeat { get; init; }
}

/// <summary>A merchant's URL to which we send.</summary>
public sealed class Endpoint
{
    public Guid Id { get; init; }
    public required string MerchantId { get; init; }
    public required string Url { get; init; }
    public required string Description { get; init; }
    public required List<string> EventTypes { get; init; } // none: every type
    public string Signature { get; init; } = "v1"; // or v1a
    public string? Headers { get; init; } // a JSON object, encrypted
    public int? RateLimit { get; init; } // attempts per second
    public bool Active { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }
    public string? DisabledReason { get; init; } // merchant, failures or gone
    public DateTimeOffset? DeletedAt { get; init; }
    public int FailedDeliveries { get; init; } // in a row
    public int FailedAttempts { get; init; } // in a row
    public DateTimeOffset? FailingSince { get; init; }
    public List<EndpointSecret> Secrets { get; } = [];
}

/// <summary>A secret that signs the deliveries to an endpoint.</summary>
public sealed class EndpointSecret
{
    public Guid Id { get; init; }
    public Guid EndpointId { get; init; }
    public required string Protected { get; init; } // encrypted
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; } // null: the current one
}

/// <summary>Something to send to the endpoints of a merchant.</summary>
public sealed class Message
{
    public required string Id { get; init; }
    public required string MerchantId { get; init; }
    public required string EventType { get; init; }
    public required byte[]? Payload { get; init; } // null: erased
    public required string ContentType { get; init; }
    public required string IdempotencyKey { get; init; }
    public Guid? TaskId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public string? Traceparent { get; init; }
    public List<Delivery> Deliveries { get; } = [];
}

/// <summary>A message for one endpoint.</summary>
public sealed class Delivery
{
    public Guid Id { get; init; }
    public required string MessageId { get; init; }
    public Guid EndpointId { get; init; }
    public Endpoint Endpoint { get; init; } = null!;
    public DateTimeOffset CreatedAt { get; init; }
    public List<DeliveryAttempt> Attempts { get; } = [];
}

/// <summary>One attempt of a delivery: one POST.</summary>
public sealed class DeliveryAttempt
{
    public long JobId { get; init; }
    public int Attempt { get; init; }
    public Guid DeliveryId { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public int DurationMs { get; init; }
    public required string Outcome { get; init; }
    public int? StatusCode { get; init; }
    public string? Error { get; init; }
    public string? ResponseBody { get; init; }
}

/// <summary>An act of an operator, a merchant or an agent outside. It is never changed.</summary>
public sealed class AuditEntry
{
    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public required string ObjectKind { get; init; }
    public required string ObjectId { get; init; }
    public string? Reason { get; init; }
    public string? TraceId { get; init; }
}
