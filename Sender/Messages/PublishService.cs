using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Npgsql;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>Publishes messages in a transaction of their own, and wakes the deliveries.</summary>
public sealed class PublishService(NpgsqlDataSource database, JobWakeup wakeup, TimeProvider time)
{
    /// <summary>
    /// What stands before a caller's idempotency key: those of the Worker begin with another word, so that nobody can take
    /// one of them.
    /// </summary>
    private const string OfCaller = "api:";

    private const string OfNobody = "once:";

    /// <param name="callersKey">Null for a message that is new however often it is published.</param>
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
