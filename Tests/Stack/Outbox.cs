using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>One merchant of a database: what is published for it, and what became of the deliveries.</summary>
public sealed class Outbox(string database, string? merchant = null)
{
    public string Database => database;

    public string Merchant { get; } = merchant ?? $"merchant-{Guid.CreateVersion7():N}";

    public Task<Guid> AddEndpointAsync(
        Uri url, string secret = Services.StandardSecret, bool active = true, params string[] types) =>
        Tables.AddEndpointAsync(database, Merchant, url, secret, active, types);

    public NewMessage Message(string payload = """{"type":"invoice.paid"}""", string type = "invoice.paid") =>
        new(Merchant, type, System.Text.Encoding.UTF8.GetBytes(payload), $"key-{Guid.CreateVersion7()}");

    public Task<string> PublishAsync(NewMessage message) => Tables.PublishAsync(database, message);

    public Task<string> PublishAsync(string payload = """{"type":"invoice.paid"}""") => PublishAsync(Message(payload));

    public async Task<List<Job>> JobsAsync()
    {
        await using var db = Tables.Open(database);
        return await (
            from message in db.Messages
            join delivery in db.Deliveries on message.Id equals delivery.MessageId
            join job in db.Jobs on delivery.Id equals job.RefId
            where message.MerchantId == Merchant
            select job).ToListAsync();
    }

    public async Task<List<DeliveryAttempt>> AttemptsAsync()
    {
        var jobs = (await JobsAsync()).ConvertAll(job => job.Id);
        await using var db = Tables.Open(database);
        return await db.DeliveryAttempts.Where(attempt => jobs.Contains(attempt.JobId)).OrderBy(attempt => attempt.Attempt)
            .ToListAsync();
    }

    /// <summary>Waits until so many attempts are logged.</summary>
    public Task<List<DeliveryAttempt>> AttemptsAsync(int count) => Eventually.GetAsync(
        $"{count} attempts are logged", async () =>
            await AttemptsAsync() is var attempts && attempts.Count >= count ? attempts : null);

    /// <summary>Waits until the merchant's only delivery is done, ignored or buried.</summary>
    public Task<Job> FinishedJobAsync() => Eventually.GetAsync("the delivery is finished", async () =>
        await JobsAsync() is [{ FinishedAt: not null } job] ? job : null);

    /// <summary>Makes the next attempt due at once, in place of waiting for the schedule.</summary>
    public async Task HurryAsync()
    {
        var jobs = (await JobsAsync()).ConvertAll(job => job.Id);
        await Sql.ExecuteAsync(
            database, $"update webhooks.jobs set due_at = now() where state = 'pending' and id in ({string.Join(", ", jobs)})");
    }
}
