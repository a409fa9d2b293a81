namespace Aspire.Webhooks.Queue;

/// <summary>The kind of a job, which decides who does its work. The column <c>kind</c> has the name in lower case.</summary>
public enum JobKind
{
    /// <summary>An inbound event, to be handled by listeners and playbooks.</summary>
    Event,

    /// <summary>An agent task to run.</summary>
    Task,

    /// <summary>An agent task that an agent outside claims.</summary>
    External,

    /// <summary>A message to POST to one endpoint.</summary>
    Delivery,
}

public static class JobKinds
{
    /// <summary>Returns the name in the <c>jobs</c> table.</summary>
    public static string Name(this JobKind kind) => kind switch
    {
        JobKind.Event => "event",
        JobKind.Task => "task",
        JobKind.External => "external",
        JobKind.Delivery => "delivery",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
