using System.Text;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>Puts rows where a stage finds them, and reads what it made of them.</summary>
public static class Tables
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static WebhooksDb Open(string database, params IInterceptor[] interceptors)
    {
        var options = new DbContextOptionsBuilder<WebhooksDb>();
        options.UseNpgsql(database).UseWebhooksNames().AddInterceptors(interceptors);
        return new(options.Options);
    }

    /// <summary>A verified event and its job, as the Receiver leaves them.</summary>
    /// <param name="job">What an update sets of the job.</param>
    public static async Task<Guid> AddEventAsync(
        string database, string body, string type = "push", string source = "github", string? traceparent = null,
        DateTimeOffset? receivedAt = null, string? job = null)
    {
        await using var db = Open(database);
        var at = receivedAt ?? Now;
        var id = Guid.CreateVersion7(at);
        db.Add(NewEvent(id, body, type, source, traceparent, at));
        db.Add(NewJob("event", id, source));
        await db.SaveChangesAsync();
        if (job is not null)
        {
            await Sql.ExecuteAsync(database, $"update webhooks.jobs set {job} where ref_id = '{id}'");
        }

        return id;
    }

    /// <summary>An event that is done and the pending task that came of it, as the Worker's first stage leaves them.</summary>
    /// <param name="kind">Of the job: <c>external</c> is for agents outside, and nobody in the Worker touches it.</param>
    /// <param name="job">What an update sets of the job.</param>
    public static async Task<Guid> AddTaskAsync(
        string database, string body, string playbook = "github-summary", string kind = "task", string source = "github",
        DateTimeOffset? createdAt = null, string? job = null, string type = "push")
    {
        await using var db = Open(database);
        var at = createdAt ?? Now;
        var (eventId, taskId) = (Guid.CreateVersion7(at), Guid.CreateVersion7(at));
        db.Add(NewEvent(eventId, body, type, source, null, at));
        db.Add(new Job { Kind = "event", RefId = eventId, Lane = source, State = "done", DueAt = at, FinishedAt = at });
        db.Add(new AgentTask
        {
            Id = taskId, EventId = eventId, Playbook = playbook, Agent = kind == "external" ? kind : "rules", CreatedAt = at,
        });
        db.Add(NewJob(kind, taskId, source));
        await db.SaveChangesAsync();
        if (job is not null)
        {
            await Sql.ExecuteAsync(database, $"update webhooks.jobs set {job} where ref_id = '{taskId}'");
        }

        return taskId;
    }

    public static async Task<Guid> AddEndpointAsync(
        string database, string merchant, Uri url, string secret = Services.StandardSecret, bool active = true,
        params string[] types)
    {
        await using var db = Open(database);
        var (id, now) = (Guid.CreateVersion7(), Now);
        db.Add(new Endpoint
        {
            Id = id, MerchantId = merchant, Url = url.OriginalString, Description = "", EventTypes = [.. types],
            Signature = secret.StartsWith("whsk_", StringComparison.Ordinal) ? "v1a" : "v1",
            Active = active, DisabledAt = active ? null : now, DisabledReason = active ? null : "merchant", CreatedAt = now,
            UpdatedAt = now,
        });
        db.Add(new EndpointSecret { Id = id, EndpointId = id, Protected = Protection.Of(database).Protect(id, new Secret(secret)),
            CreatedAt = now });
        await db.SaveChangesAsync();
        return id;
    }

    /// <summary>Publishes as the Worker does: in a transaction, with nobody woken.</summary>
    public static async Task<string> PublishAsync(string database, NewMessage message)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var id = await MessagePublisher.PublishAsync(message, transaction, TimeProvider.System, CancellationToken.None);
        await transaction.CommitAsync();
        return id.Id;
    }

    /// <summary>The job of an event, a task or a delivery.</summary>
    public static async Task<Job> JobAsync(string database, Guid reference)
    {
        await using var db = Open(database);
        return await db.Jobs.SingleAsync(job => job.RefId == reference);
    }

    /// <summary>The same once it has come to an end.</summary>
    public static Task<Job> FinishedJobAsync(string database, Guid reference) =>
        Eventually.GetAsync("the job is finished", async () =>
        await JobAsync(database, reference) is { FinishedAt: not null } job ? job : null);

    private static InboundEvent NewEvent(
        Guid id, string body, string type, string source, string? traceparent, DateTimeOffset at) => new()
    {
        Id = id, Source = source, DeliveryId = $"delivery-{id}", EventType = type, ReceivedAt = at, Headers = "{}",
        ContentType = "application/json", Body = Encoding.UTF8.GetBytes(body), Traceparent = traceparent,
    };

    private static Job NewJob(string kind, Guid reference, string lane) =>
        new() { Kind = kind, RefId = reference, Lane = lane, State = "pending", DueAt = Now };

    /// <summary>Opens an endpoint's circuit for a time, or lets that time have passed when it is negative.</summary>
    public static Task HoldAsync(string database, Guid endpoint, string time) => Sql.ExecuteAsync(database, $"""
        insert into webhooks.lanes (kind, lane, held_until, slow) values ('delivery', '{endpoint}', now() + interval '{time}', true)
        on conflict (kind, lane) do update set held_until = excluded.held_until
        """);

    /// <summary>Until when an endpoint's circuit is open; null when it is closed.</summary>
    public static async Task<DateTimeOffset?> HeldUntilAsync(string database, Guid endpoint)
    {
        await using var db = Open(database);
        return (await db.Lanes.SingleOrDefaultAsync(
            lane => lane.Kind == "delivery" && lane.Lane == endpoint.ToString()))?.HeldUntil;
    }
}
