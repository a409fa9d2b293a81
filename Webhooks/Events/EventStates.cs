namespace Aspire.Webhooks.Events;

/// <summary>An event's state as operators know it: that of its latest job, whose <c>done</c> says little about an event.</summary>
public static class EventStates
{
    private const string Processed = "processed";
    private const string Done = "done";

    public static IReadOnlyList<string> All { get; } = ["pending", "running", Processed, "ignored", "buried", "cancelled"];

    public static string OfJob(string state) => state == Done ? Processed : state;

    public static string ToJob(string state) => state == Processed ? Done : state;
}
