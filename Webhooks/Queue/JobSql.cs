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
    /// Settings of a transaction, for <c>select</c>. Plans are prepared when the table may be empty, and few rows meet: without the
    /// first three, a plan of then reads the whole table later. Without the last, Postgres plans again and again what takes less
    /// time to run: 0.3 of 0.5 ms of a settlement.
    /// </summary>
    public const string PlanSettings = """
        set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)
        """;

    /// <summary>The error of a job that is claimed after its lease has expired.</summary>
    public const string LeaseExpired = "'The lease expired.'";
}
