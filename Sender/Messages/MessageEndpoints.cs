using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Messages;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>What to publish.</summary>
/// <param name="MerchantId">Whose endpoints get it.</param>
/// <param name="EventType">Its type, such as <c>invoice.paid</c>.</param>
/// <param name="Payload">Sent as written here, byte for byte.</param>
public sealed record PublishRequest(string? MerchantId, string? EventType, JsonElement Payload);

/// <param name="Id">The message's id; receivers see it as <c>webhook-id</c>.</param>
public sealed record PublishResponse(string Id);

public static class MessageEndpoints
{
    private const int MaxName = 255;

    /// <summary>
    /// <c>POST /api/v1/messages</c>. It asks for no credentials, so it is there in Development only.
    /// </summary>
    public static void MapMessages(this WebApplication app)
    {
        if (app.Environment.IsDevelopment())
        {
            app.MapPost("/api/v1/messages", PublishAsync);
        }
    }

    private static async Task<Results<Accepted<PublishResponse>, ValidationProblem>> PublishAsync(
        PublishRequest request, HttpRequest http, NpgsqlDataSource database, JobWakeup wakeup, TimeProvider time, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        Check("merchant_id", request.MerchantId, errors);
        Check("event_type", request.EventType, errors);
        // The parser leaves the bytes inside strings unchecked.
        if (request.Payload.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
            || !Utf8.IsValid(JsonMarshal.GetRawUtf8Value(request.Payload)))
        {
            errors["payload"] = ["payload is a JSON object or array, in UTF-8."];
        }

        var keys = http.Headers["Idempotency-Key"];
        if (keys is not ([] or [{ Length: > 0 and <= MaxName }]))
        {
            errors["Idempotency-Key"] = [$"Idempotency-Key has 1 to {MaxName} characters and is sent once."];
        }

        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors);
        }

        var key = keys is [{ } given] ? given : $"once:{Guid.CreateVersion7(time.GetUtcNow())}";
        var payload = JsonMarshal.GetRawUtf8Value(request.Payload).ToArray();
        var message = new NewMessage(request.MerchantId!, request.EventType!, payload, key) { Traceparent = Activity.Current?.Id };

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var published = await MessagePublisher.PublishAsync(message, transaction, time, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeup.Notify(JobKind.Delivery);
        return TypedResults.Accepted((string?)null, new PublishResponse(published.Id));
    }

    private static void Check(string name, string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > MaxName || value.Any(char.IsControl))
        {
            errors[name] = [$"{name} has 1 to {MaxName} characters, none of them control characters."];
        }
    }
}
