namespace Aspire.Webhooks.Console.Display;

/// <summary>The names and colours of states. A state is always shown with its name, so colours alone carry no meaning.</summary>
public static class States
{
    public static readonly IReadOnlyList<string> OfEvents =
        ["pending", "running", "processed", "ignored", "buried", "cancelled"];

    public static readonly IReadOnlyList<string> OfTasks =
        ["pending", "running", "awaiting_approval", "completed", "buried", "cancelled"];

    public static readonly IReadOnlyList<string> OfDeliveries =
        ["pending", "running", "delivered", "failed", "skipped", "cancelled"];

    public static readonly IReadOnlyList<string> OfApprovals = ["pending", "granted", "refused", "expired"];

    /// <summary>The actions that the audit records.</summary>
    public static readonly IReadOnlyList<string> OfAudit =
    [
        "replay", "cancel", "grant", "refuse", "create", "change", "delete", "rotate_secret", "reactivate", "recover", "resend",
        "erase", "pause", "resume", "send_test",
    ];

    /// <summary>The kinds of objects that the audit records.</summary>
    public static readonly IReadOnlyList<string> AuditObjects =
        ["source", "event", "replay", "task", "approval", "endpoint", "delivery", "message", "portal_link", "database"];

    public static string Tone(string state) => state switch
    {
        "processed" or "completed" or "delivered" or "granted" or "active" => "good",
        "buried" or "failed" or "refused" or "inactive" => "bad",
        "http_status" or "timeout" or "network" or "tls" => "bad",
        "awaiting_approval" or "expired" or "skipped" or "held" or "paused" or "interrupted" => "warn",
        "pending" or "running" => "busy",
        _ => "idle",
    };

    public static string Words(string state) => state.Replace('_', ' ');
}
