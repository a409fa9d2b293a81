using System.Security.Cryptography;

namespace Aspire.Webhooks.Queue;

/// <summary>A claimed job and its lease.</summary>
/// <param name="Id">The id of the job.</param>
/// <param name="RefId">The event, task or delivery that it is about.</param>
/// <param name="Attempt">The number of the start, from 1. Starts that were cut short count.</param>
/// <param name="LeaseToken">
/// The proof of the lease: settling with any other token changes nothing. The jobs of one claim share a token.
/// </param>
/// <param name="Lane">The source or endpoint that it belongs to.</param>
public sealed record LeasedJob(long Id, Guid RefId, int Attempt, Guid LeaseToken, string Lane = "")
{
    /// <summary>How many attempts before this one failed. An attempt that was cut short is no failure.</summary>
    public int Failures { get; init; }

    /// <summary>Whether its lane was slow when it was claimed.</summary>
    public bool IsSlow { get; init; }

    /// <summary>
    /// Whether it is the trial: the single job of a lane whose hold has ended. Its outcome decides about the lane.
    /// </summary>
    public bool IsTrial { get; init; }

    /// <summary>Whether it was claimed after the lease of an earlier holder had expired.</summary>
    public bool HadExpired { get; init; }

    /// <summary>When the claim was sent, as a timestamp of this process's <see cref="TimeProvider"/>.</summary>
    public long ClaimedAt { get; init; }

    /// <summary>Makes a token that cannot be guessed: agents outside prove their leases with it.</summary>
    internal static Guid NewToken() => new(RandomNumberGenerator.GetBytes(16));
}

/// <summary>A job with the data that its claim has read.</summary>
/// <param name="Job">The job.</param>
/// <param name="Work">The data, as <see cref="IJobHandler{TWork}.Read"/> returned it.</param>
/// <param name="Unreadable">The exception that it threw instead.</param>
internal sealed record ClaimedJob<TWork>(LeasedJob Job, TWork Work, Exception? Unreadable = null);
