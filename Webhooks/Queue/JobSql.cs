namespace Aspire.Webhooks.Queue;

/// <summary>SQL that several statements share.</summary>
internal static class JobSql
{
    /// <summary>The condition of an open job that nobody holds: it is pending or waiting, or its lease has expired.</summary>
    public const string Free = "finished_at is null and (lease_until is null or lease_until < now())";

    /// <summary>
    /// The condition of a job that can be claimed. When its lease expires, a job keeps its due time, and so its turn.
    /// </summary>
    public const string Claimable = $"{Free} and due_at <= now()";

    /// <summary>The error of a job that is claimed after its lease has expired.</summary>
    public const string LeaseExpired = "'The lease expired.'";
}
