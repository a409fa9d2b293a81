using System.Text.Json;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Messages;

/// <summary>
/// Tells operators when people have to look, by messages to the endpoints of a merchant of theirs. Each is published in the
/// transaction of the change that it tells of: a crash loses none, and a retry publishes none twice. It has ids, times and
/// reasons, no payloads.
/// </summary>
public sealed partial class OperatorEvents(
    IOptions<OperatorOptions> options, IOptions<LinksOptions> links, TimeProvider time, ILogger<OperatorEvents> logger)
{
    /// <summary>A tool call waits for the decision of a person.</summary>
    public const string ApprovalRequested = "approval.requested";

    /// <summary>An event was given up.</summary>
    public const string EventBuried = "event.buried";

    /// <summary>A task was given up.</summary>
    public const string TaskBuried = "task.buried";

    /// <summary>A delivery was given up.</summary>
    public const string DeliveryFailed = "delivery.failed";

    /// <summary>An endpoint of any merchant was made inactive.</summary>
    public const string EndpointDisabled = "endpoint.disabled";

    /// <summary>A source has sent nothing for longer than it may.</summary>
    public const string SourceSilent = "source.silent";

    private const int MaxReason = 500;
    private const string Savepoint = "operators";

    // What happens to the messages of operators is not told to them: where their endpoint is down, each failure would make the
    // next message. That includes an event that is such a message, sent to a source of this installation.
    private const string EventSql = """
        select event.source, event.event_type, event.received_at from webhooks.inbound_events event
        where event.id = $1
            and not exists (select from webhooks.messages where id = event.delivery_id and merchant_id = $2)
        """;

    private const string TaskSql = """
        select event.source, task.playbook, event.id from webhooks.agent_tasks task
        join webhooks.inbound_events event on event.id = task.event_id
        where task.id = $1
            and not exists (select from webhooks.messages where id = event.delivery_id and merchant_id = $2)
        """;

    private const string DeliverySql = """
        select message.merchant_id, message.event_type, message.id, delivery.endpoint_id from webhooks.deliveries delivery
        join webhooks.messages message on message.id = delivery.message_id
        where delivery.id = $1 and message.merchant_id <> $2
        """;

    private readonly OperatorOptions _options = options.Value;

    /// <summary>Whether there is a merchant of operators.</summary>
    public bool IsOn => _options.IsOn;

    /// <summary>The types and what they stand for, without <see cref="EndpointDisabled"/>, which every merchant has.</summary>
    public static IReadOnlyDictionary<string, string> Types { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [ApprovalRequested] = "For operators: a tool call waits for the decision of a person.",
        [EventBuried] = "For operators: an event was given up.",
        [TaskBuried] = "For operators: a task was given up.",
        [DeliveryFailed] = "For operators: a delivery was given up.",
        [SourceSilent] = "For operators: a source has sent nothing for longer than it may.",
    };

    /// <summary>Adds to the outcome of a job that it is told when the job is buried. Other outcomes stay as they are.</summary>
    public JobOutcome Tell(JobKind kind, LeasedJob job, JobOutcome outcome) =>
        outcome.IsBuried && _options.IsOn
            ? outcome with
            {
                Handover = async (transaction, token) =>
                {
                    if (outcome.Handover is { } first)
                    {
                        await first(transaction, token);
                    }

                    await TellBuriedAsync(kind, job, outcome.Error ?? "", transaction, token);
                },
            }
            : outcome;

    /// <summary>
    /// Publishes an event in the caller's transaction, if there is a merchant of operators. When the database refuses the
    /// message, that is logged, and the transaction goes on without it: the change matters more than the news of it.
    /// </summary>
    /// <param name="type">The type of the event.</param>
    /// <param name="key">What the event is told of, once.</param>
    /// <param name="page">The path of the Console's page about it.</param>
    /// <param name="data">The redacted contents.</param>
    /// <param name="about">The merchant that it is about. One about operators is not published.</param>
    public async Task PublishAsync(
        string type, string key, string page, object data, NpgsqlTransaction transaction, CancellationToken cancellationToken,
        string? about = null)
    {
        if (!_options.IsOn || about == _options.Merchant)
        {
            return;
        }

        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new { Type = type, Timestamp = time.GetUtcNow(), Url = links.Value.ToConsole(page), Data = data }, JsonOptions);
        await transaction.SaveAsync(Savepoint, cancellationToken);
        try
        {
            await MessagePublisher.PublishAsync(
                new NewMessage(_options.Merchant, type, payload, $"operators:{type}:{key}"), transaction, time,
                cancellationToken);
        }
        catch (PostgresException exception) when (!exception.IsTransient)
        {
            await transaction.RollbackAsync(Savepoint, cancellationToken);
            LogNotPublished(logger, type, key, exception);
        }
    }

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private async Task TellBuriedAsync(
        JobKind kind, LeasedJob job, string error, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var (type, sql) = kind switch
        {
            JobKind.Event => (EventBuried, EventSql),
            JobKind.Delivery => (DeliveryFailed, DeliverySql),
            _ => (TaskBuried, TaskSql),
        };
        string page;
        object data;
        await using (var command = new NpgsqlCommand(sql, transaction.Connection, transaction))
        {
            command.Parameters.Add(new() { Value = job.RefId });
            command.Parameters.Add(new() { Value = _options.Merchant });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
            {
                return;
            }

            (page, data) = Describe(kind, job, StorableText.CodePoints(error, MaxReason), reader);
        }

        // A job is buried once; what is replayed or resent is a job of its own.
        await PublishAsync(type, $"{job.Id}", page, data, transaction, cancellationToken);
    }

    [LoggerMessage(
        EventId = 1401, Level = LogLevel.Error, Message = "The database refuses the operators' event {Type} about {Key}.")]
    private static partial void LogNotPublished(ILogger logger, string type, string key, Exception exception);

    private static (string Page, object Data) Describe(JobKind kind, LeasedJob job, string reason, NpgsqlDataReader row) =>
        kind switch
        {
            JobKind.Event => ($"/events/{job.RefId}", new
            {
                EventId = job.RefId, Source = row.GetString(0), EventType = row.GetString(1),
                ReceivedAt = row.GetFieldValue<DateTimeOffset>(2), Attempts = job.Attempt, Reason = reason,
            }),
            JobKind.Delivery => ($"/deliveries/{job.RefId}?merchant={Uri.EscapeDataString(row.GetString(0))}", new
            {
                DeliveryId = job.RefId, MerchantId = row.GetString(0), EventType = row.GetString(1), MessageId = row.GetString(2),
                EndpointId = row.GetGuid(3), Attempts = job.Attempt, Reason = reason,
            }),
            _ => ($"/tasks/{job.RefId}", new
            {
                TaskId = job.RefId, Source = row.GetString(0), Playbook = row.GetString(1), EventId = row.GetGuid(2),
                Attempts = job.Attempt, Reason = reason,
            }),
        };
}

public static class OperatorEventsRegistration
{
    public static IServiceCollection AddOperatorEvents(this IServiceCollection services)
    {
        services.AddCheckedOptions<OperatorOptions>(OperatorOptions.Section).Check((options, _) => options.Errors());
        services.AddLinks().TryAddSingleton<OperatorEvents>();
        return services;
    }
}
