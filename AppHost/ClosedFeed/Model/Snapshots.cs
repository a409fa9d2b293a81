using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

public static class KnownResourceStates
{
    public static readonly string NotStarted = nameof(NotStarted);
    public static readonly string Waiting = nameof(Waiting);
    public static readonly string Starting = nameof(Starting);
    public static readonly string Running = nameof(Running);
    public static readonly string Stopping = nameof(Stopping);
    public static readonly string FailedToStart = nameof(FailedToStart);
    public static readonly string Exited = nameof(Exited);
    public static readonly string Finished = nameof(Finished);

    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, Style: null);
}

public sealed record ResourcePropertySnapshot(string Name, object? Value);

public sealed record CustomResourceSnapshot
{
    public ImmutableArray<ResourcePropertySnapshot> Properties { get; init; } = [];

    public ResourceStateSnapshot? State { get; init; } = KnownResourceStates.NotStarted;

    public int? ExitCode { get; init; }

    /// <summary>Null while the resource does not run.</summary>
    public HealthStatus? HealthStatus => State?.Text == KnownResourceStates.Running ? CheckedHealth : null;

    /// <summary>Why the resource ended, for a person.</summary>
    internal string? Failure { get; init; }

    internal HealthStatus CheckedHealth { get; init; } = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy;
}

public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;

    public string ResourceId { get; } = resourceId;

    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
