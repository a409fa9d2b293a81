using System.Security.Cryptography;

namespace Aspire.Webhooks.Queue;

/// <summary>A job held for a while.</summary>
/// <param name="Id">The job.</param>
/// <param name="RefId">The event, task or delivery that it is about.</param>
/// <param name="Attempt">1 for the first start; starts that were cut short count.</param>
/// <param name="LeaseToken">Proof of holding it: settling with any other token changes nothing. Jobs of one claim share a token.</param>
/// <param name="Lane">The source or endpoint that it belongs to.</param>
public sealed record LeasedJob(long Id, Guid RefId, int Attempt, Guid LeaseToken, string Lane = "")
{
    /// <summary>How many attempts before this one have failed; those that were cut short have not.</summary>
    public int Failures { get; init; }

    /// <summary>Whether its lane was slow when it was claimed.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Whether its lane was held, and this job alone tries whether the hold can end.</summary>
    public bool IsTrial { get; init; }

    /// <summary>Whether somebody had it before whose lease expired.</summary>
    public bool HadExpired { get; init; }

    /// <summary>When the claim was sent, as a timestamp of this process's <see cref="TimeProvider"/>.</summary>
    public long ClaimedAt { get; init; }

    /// <summary>A token that nobody can guess: agents outside show theirs.</summary>
    internal static Guid NewToken() => new(RandomNumberGenerator.GetBytes(16));
}

/// <summary>A job with what the claim read along.</summary>
/// <param name="Job">The job.</param>
/// <param name="Work">What <see cref="IJobHandler{TWork}.Read"/> made of it.</param>
/// <param name="Unreadable">What it threw instead.</param>
internal sealed record ClaimedJob<TWork>(LeasedJob Job, TWork Work, Exception? Unreadable = null);
