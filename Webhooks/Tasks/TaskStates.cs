namespace Aspire.Webhooks.Tasks;

/// <summary>A task's state as people know it: that of its job, in words that fit a task.</summary>
public static class TaskStates
{
    private const string AwaitingApproval = "awaiting_approval";
    private const string Completed = "completed";

    public static IReadOnlyList<string> All { get; } = ["pending", "running", AwaitingApproval, Completed, "buried", "cancelled"];

    public static string OfJob(string state) => state switch
    {
        "waiting" => AwaitingApproval,
        "done" => Completed,
        _ => state,
    };

    public static string ToJob(string state) => state switch
    {
        AwaitingApproval => "waiting",
        Completed => "done",
        _ => state,
    };
}
