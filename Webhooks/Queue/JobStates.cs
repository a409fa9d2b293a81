namespace Aspire.Webhooks.Queue;

/// <summary>The states of a job, which are the values of the column <c>state</c>.</summary>
public static class JobStates
{
    public const string Pending = "pending";
    public const string Waiting = "waiting";
    public const string Running = "running";
    public const string Done = "done";
    public const string Ignored = "ignored";
    public const string Buried = "buried";
    public const string Cancelled = "cancelled";
}
