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
}
