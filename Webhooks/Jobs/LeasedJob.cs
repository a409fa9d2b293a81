namespace Aspire.Webhooks.Jobs;

/// <summary>A job held for a while.</summary>
/// <param name="Id">The job.</param>
/// <param name="RefId">The event, task or delivery that it is about.</param>
/// <param name="Attempt">1 for the first run.</param>
/// <param name="LeaseToken">Proof of holding it: settling with any other token changes nothing.</param>
/// <param name="Lane">The source or endpoint that it belongs to.</param>
public sealed record LeasedJob(long Id, Guid RefId, int Attempt, Guid LeaseToken, string Lane = "");
