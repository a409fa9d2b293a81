namespace Aspire.Webhooks.Queue;

/// <summary>What a job is about; the value's lower-case name is the table's <c>kind</c>.</summary>
public enum JobKind
{
    /// <summary>An inbound event that listeners and playbooks have yet to see.</summary>
    Event,

    /// <summary>An agent task to run.</summary>
    Task,

    /// <summary>An agent task that waits for an agent outside to claim it.</summary>
    External,

    /// <summary>A message to POST to one endpoint.</summary>
    Delivery,
}

public static class JobKinds
{
    /// <summary>The name in the <c>jobs</c> table.</summary>
    public static string Name(this JobKind kind) => kind switch
    {
        JobKind.Event => "event",
        JobKind.Task => "task",
        JobKind.External => "external",
        JobKind.Delivery => "delivery",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
