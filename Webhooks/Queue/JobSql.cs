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

    /// <summary>
    /// Settings of a transaction, for <c>select</c>. A plan may be made while the table is empty. Without the first three
    /// settings it would be kept, and later read the whole table, or join each row with all of it. Without the last, Postgres
    /// makes a new plan for each settlement, which takes 0.3 ms; the settlement takes 0.2 ms.
    /// </summary>
    public const string PlanSettings = """
        set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)
        """;

    /// <summary>The error of a job that is claimed after its lease has expired.</summary>
    public const string LeaseExpired = "'The lease expired.'";
}
