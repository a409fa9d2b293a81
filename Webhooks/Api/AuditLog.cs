using System.Diagnostics;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Api;

/// <summary>An act on an object, as the audit records it.</summary>
/// <param name="Actor">The subject of the token, or <c>agent:{name}</c> of an agent outside.</param>
/// <param name="Action">One of <see cref="AuditActions"/>.</param>
/// <param name="ObjectKind">One of <see cref="AuditObjects"/>.</param>
public sealed record AuditAct(string Actor, string Action, string ObjectKind, string ObjectId, string? Reason = null);

/// <summary>The actions that the audit knows.</summary>
public static class AuditActions
{
    public const string Replay = "replay";
    public const string Cancel = "cancel";
    public const string Grant = "grant";
    public const string Refuse = "refuse";
    public const string Create = "create";
    public const string Change = "change";
    public const string Delete = "delete";
    public const string RotateSecret = "rotate_secret";
    public const string Reactivate = "reactivate";
    public const string Recover = "recover";
    public const string Resend = "resend";
    public const string Erase = "erase";
    public const string Pause = "pause";
    public const string Resume = "resume";
    public const string SendTest = "send_test";

    public static IReadOnlyList<string> All { get; } =
    [
        Replay, Cancel, Grant, Refuse, Create, Change, Delete, RotateSecret, Reactivate, Recover, Resend, Erase, Pause,
        Resume, SendTest,
    ];
}

/// <summary>The kinds of objects that the audit knows.</summary>
public static class AuditObjects
{
    public const string Source = "source";
    public const string Event = "event";
    public const string Replay = "replay";
    public const string Task = "task";
    public const string Approval = "approval";
    public const string Endpoint = "endpoint";
    public const string Delivery = "delivery";
    public const string Message = "message";
    public const string PortalLink = "portal_link";
    public const string Database = "database";

    public static IReadOnlyList<string> All { get; } =
        [Source, Event, Replay, Task, Approval, Endpoint, Delivery, Message, PortalLink, Database];
}

/// <summary>Records the acts of callers of the APIs and of agents outside, in the table <c>audit</c>.</summary>
public sealed class AuditLog(Redactor redactor, TimeProvider time)
{
    private const int MaxActor = 255;

    private const string InsertSql = """
        insert into webhooks.audit (id, at, actor, action, object_kind, object_id, reason, trace_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    /// <summary>Records an act in its own transaction. So no act is without an entry, and no entry without an act.</summary>
    public async Task WriteAsync(AuditAct act, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var command = new NpgsqlCommand(InsertSql, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = Guid.CreateVersion7(now) });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(
            new() { Value = StorableText.CodePoints(StorableText.Redacted(act.Actor, redactor.Redact), MaxActor) });
        command.Parameters.Add(new() { Value = act.Action });
        command.Parameters.Add(new() { Value = act.ObjectKind });
        command.Parameters.Add(new() { Value = act.ObjectId });
        command.Parameters.Add(Text(act.Reason is { } reason ? Reason.Storable(reason, redactor) : null));
        command.Parameters.Add(Text(Activity.Current?.TraceId.ToString()));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
