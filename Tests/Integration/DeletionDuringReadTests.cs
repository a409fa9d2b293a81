using System.Data.Common;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>Retention may delete rows between the statements of a read.</summary>
public sealed class DeletionDuringReadTests(TestStack stack)
{
    private const string Merchant = "acme";

    private static readonly Paging Page = new(null, Paging.DefaultLimit);

    private static readonly Dictionary<string, Func<Queries, Rows, Task<bool>>> Reads = new(StringComparer.Ordinal)
    {
        ["events"] = async (read, _) => (await read.Events.ListAsync(new EventSelection(), Page, Cancellation)).Data.Count > 0,
        ["event"] = async (read, rows) => await read.Events.FindAsync(rows.Event, Cancellation) is not null,
        ["tasks"] = async (read, _) => (await read.Tasks.ListAsync(new TaskSelection(), Page, Cancellation)).Data.Count > 0,
        ["task"] = async (read, rows) => await read.Tasks.FindAsync(rows.Task, Cancellation) is not null,
        ["deliveries"] = async (read, rows) => (await read.Deliveries.ListAsync([rows.Delivery], Cancellation)).Count > 0,
        ["delivery"] = async (read, rows) => await read.Deliveries.FindAsync(rows.Delivery, Cancellation) is not null,
        ["message"] = async (read, rows) => await read.Messages.FindAsync(Merchant, rows.Message, Cancellation) is not null,
        ["replay"] = async (read, rows) => await read.Replays.FindAsync(rows.Replay, Cancellation) is not null,
    };

    public static TheoryData<string> Names => [.. Reads.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_deleted_between_the_statements_of_a_read_is_left_out_or_not_found(string name)
    {
        var database = await stack.NewDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await Tables.AddEndpointAsync(database, Merchant, new("https://acme.example"), types: "issue.note");

        var statements = 0;
        bool wasDeleted, found;
        do
        {
            var rows = await AddAsync(database);
            var deletion = new DeletionBefore(++statements, database);
            await using var db = Tables.Open(database, deletion);
            found = await Reads[name](new(db, source), rows);
            wasDeleted = deletion.WasMade;
        }
        while (wasDeleted);

        Assert.True(found);
        Assert.True(statements > 2);
    }

    private static async Task<Rows> AddAsync(string database)
    {
        var task = await Tables.AddTaskAsync(database, "{}");
        await using var db = Tables.Open(database);
        var received = (await db.AgentTasks.SingleAsync(t => t.Id == task, Cancellation)).EventId;
        var replay = new Replay
        {
            Id = Guid.CreateVersion7(), Reason = "why", Filter = "{}", RequestedBy = "somebody",
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        db.Add(replay);
        await db.SaveChangesAsync(Cancellation);
        var message = await Tables.PublishAsync(
            database, new(Merchant, "issue.note", "{}"u8.ToArray(), $"{task}") { TaskId = task });
        var delivery = await db.Deliveries.SingleAsync(d => d.MessageId == message, Cancellation);
        return new(received, task, message, delivery.Id, replay.Id);
    }

    private sealed record Rows(Guid Event, Guid Task, string Message, Guid Delivery, Guid Replay);

    private sealed class Queries
    {
        public Queries(WebhooksDb db, NpgsqlDataSource source)
        {
            var redactor = new Redactor([]);
            Deliveries = new(db, redactor);
            Tasks = new(db, source, Deliveries, new(source));
            Events = new(db, source, Tasks, redactor);
            Messages = new(db, source, Deliveries, redactor);
            Replays = new(db);
        }

        public EventQueries Events { get; }
        public TaskQueries Tasks { get; }
        public DeliveryQueries Deliveries { get; }
        public MessageQueries Messages { get; }
        public ReplayQueries Replays { get; }
    }

    /// <summary>Deletes all that retention may delete, before one of the statements.</summary>
    private sealed class DeletionBefore(int statement, string database) : DbCommandInterceptor
    {
        private int _count;

        public bool WasMade { get; private set; }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
            CancellationToken cancellationToken = default)
        {
            if (++_count == statement)
            {
                await Sql.ExecuteAsync(
                    database, "truncate webhooks.inbound_events, webhooks.messages, webhooks.jobs, webhooks.replays cascade");
                WasMade = true;
            }

            return result;
        }
    }
}
