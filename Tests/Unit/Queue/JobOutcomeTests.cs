using Aspire.Webhooks.Queue;

namespace Aspire.Webhooks.Tests.Unit.Queue;

public sealed class JobOutcomeTests
{
    private static readonly TimeSpan Later = TimeSpan.FromHours(1);

    public static TheoryData<string, Func<JobOutcome>> Named => new()
    {
        { "done", JobOutcome.Done },
        { "ignored", JobOutcome.Ignored },
        { "retried", () => JobOutcome.Retry(Later, "no") },
        { "retried", () => JobOutcome.Retry(TimeSpan.Zero, "no") },
        { "interrupted", () => JobOutcome.Interrupted("cut short") },
        { "postponed", () => JobOutcome.Postpone(Later) },
        { "postponed", () => JobOutcome.Postpone(TimeSpan.Zero) },
        { "waiting", () => JobOutcome.Wait(Later) },
        { "buried", () => JobOutcome.Bury("no") },
        { "handed_back", JobOutcome.HandBack },
    };

    [Theory]
    [MemberData(nameof(Named), DisableDiscoveryEnumeration = true)]
    public void Each_outcome_has_its_name(string name, Func<JobOutcome> outcome) => Assert.Equal(name, outcome().Name);

    /// <summary>The outcome; whether it succeeded; counts as a failure, as an attempt; is a burial.</summary>
    public static TheoryData<Func<JobOutcome>, bool?, bool, bool, bool> Counted => new()
    {
        { JobOutcome.Done, true, false, true, false },
        { JobOutcome.Ignored, null, false, true, false },
        { () => JobOutcome.Retry(Later, "no"), false, true, true, false },
        { () => JobOutcome.Interrupted("cut short"), null, false, true, false },
        { () => JobOutcome.Postpone(Later), null, false, false, false },
        { () => JobOutcome.Wait(Later), null, false, false, false },
        { () => JobOutcome.Bury("no"), false, true, true, true },
        { JobOutcome.HandBack, null, false, false, false },
    };

    [Theory]
    [MemberData(nameof(Counted), DisableDiscoveryEnumeration = true)]
    public void Only_failures_count_as_failures_and_only_what_may_have_done_something_as_an_attempt(
        Func<JobOutcome> make, bool? succeeded, bool failed, bool attempt, bool buried)
    {
        var outcome = make();
        Assert.Equal(
            (succeeded, failed, attempt, buried),
            (outcome.Succeeded, outcome.Failed, outcome.CountsAsAttempt, outcome.IsBuried));
    }
}
