using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>Reads a merchant's messages.</summary>
public sealed class MessageQueries(WebhooksDb db, NpgsqlDataSource database, DeliveryQueries deliveries, Redactor redactor)
{
    public async Task<Page<MessageSummary>> ListAsync(
        string merchant, MessageSelection selection, Paging paging, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.CommandText = selection.Sql(merchant, paging, command);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var messages = new List<MessageSummary>();
        while (await reader.ReadAsync(cancellationToken))
        {
            messages.Add(
                new(reader.GetString(0), reader.GetString(1),
                    await reader.GetFieldValueAsync<DateTimeOffset>(2, cancellationToken)));
        }

        return paging.ToPage(messages, message => MessageId.ToGuid(message.Id));
    }

    /// <returns>The message; null when the merchant has no such message.</returns>
    public async Task<MessageDetails?> FindAsync(string merchant, string id, CancellationToken cancellationToken)
    {
        if (await db.Messages.AsNoTracking()
            .SingleOrDefaultAsync(m => m.Id == id && m.MerchantId == merchant, cancellationToken) is not { } message)
        {
            return null;
        }

        var made = await deliveries.OfMessagesAsync([id], cancellationToken);
        return new(new(message.Id, message.EventType, message.CreatedAt))
        {
            ContentType = message.ContentType,
            Payload = BodyText.Of(message.Payload, message.ContentType, null, redactor),
            TraceId = WebhookTelemetry.TraceId(message.Traceparent),
            Deliveries = [.. made[id]],
        };
    }
}
