using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Publishes a message to the endpoints of the playbook's merchant. Only the types of the playbook are allowed.
/// </summary>
internal sealed class SendMessage(ToolContext context, TimeProvider time)
{
    public const string Name = "send_message";

    private const int MaxBytes = 64 * 1024;

    public static string Description(Playbook playbook) =>
        $"Sends a signed webhook to the endpoints of {playbook.Options.Merchant}. Types: "
            + $"{string.Join(", ", playbook.Options.MessageTypes)}.";

    /// <summary>Validates a message. The effect publishes it in the transaction that stores the step.</summary>
    public ToolEffect Prepare(
        [Description("The type of the message.")] string type,
        [Description("The data of the message: a JSON object.")] JsonElement data)
    {
        var options = context.Playbook.Options;
        if (!options.MessageTypes.Contains(type, StringComparer.Ordinal))
        {
            throw new ToolException(
                $"Messages of that type are not allowed; allowed: {string.Join(", ", options.MessageTypes)}.");
        }

        if (data.ValueKind != JsonValueKind.Object)
        {
            throw new ToolException("data must be a JSON object.");
        }

        if (Encoding.UTF8.GetByteCount(data.GetRawText()) > MaxBytes)
        {
            throw new ToolException($"data has more than {MaxBytes} bytes.");
        }

        var id = Guid.CreateVersion7(time.GetUtcNow());
        return new(async (transaction, cancellationToken) =>
        {
            var message = new NewMessage(
                options.Merchant, type, MessagePayload.Write(type, time.GetUtcNow(), data), $"task:{context.TaskId}:{id}")
            {
                TaskId = context.TaskId,
                Traceparent = System.Diagnostics.Activity.Current?.Id,
            };
            return $"Sent as {(await MessagePublisher.PublishAsync(message, transaction, time, cancellationToken)).Id}.";
        }, JobKind.Delivery);
    }
}
