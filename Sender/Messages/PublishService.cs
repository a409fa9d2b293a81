using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Npgsql;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>Publishes messages, each in its own transaction, and wakes the delivery job pump.</summary>
public sealed class PublishService(NpgsqlDataSource database, JobWakeup wakeup, TimeProvider time)
{
    /// <summary>
    /// The prefix of callers' idempotency keys. The Worker's keys have another prefix, so that no caller can use one of them.
    /// </summary>
    private const string OfCaller = "api:";

    private const string OfNobody = "once:";

    /// <param name="callersKey">The caller's idempotency key; null for a message without one, which is always new.</param>
    public string Key(string? callersKey) =>
        callersKey is null ? $"{OfNobody}{Guid.CreateVersion7(time.GetUtcNow())}" : OfCaller + callersKey;

    public async Task<PublishedMessage> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var published = await MessagePublisher.PublishAsync(message, transaction, time, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (published.IsNew)
        {
            wakeup.Notify(JobKind.Delivery, published.Lanes);
        }

        return published;
    }
}
