using Aspire.Webhooks.Receiver.Intake;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>How the intake yields to work that is late: what is up to 100 s old is not, and looks are a second apart.</summary>
public sealed class BacklogShareTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(100);

    [Theory]
    [InlineData(null, 99.0, 99.5, 5000, null)] // Not late.
    [InlineData(null, 100.0, 100.5, 5000, 2500)] // Late and later still: half of what came.
    [InlineData(2500, 101.0, 101.5, 2500, 1250)] // Later still: half again.
    [InlineData(150, 101.0, 101.5, 150, 100)] // Never less than that.
    [InlineData(1250, 102.0, 101.5, 1250, 1250)] // It shrinks: as before.
    [InlineData(1250, 101.0, 100.0, 1250, null)] // Not late any more.
    [InlineData(null, 200.0, 190.0, 5000, null)] // It shrinks by itself.
    [InlineData(null, 200.0, 201.0, 5000, null)] // Nobody works.
    [InlineData(1250, 200.0, 201.0, 1250, null)] // Nobody works any more.
    public void The_intake_is_halved_while_the_work_falls_behind_and_whole_again_when_it_is_not_late_or_stands_still(
        int? before, double ageBefore, double age, int came, int? after)
    {
        var share = new BacklogShare(before, TimeSpan.FromSeconds(ageBefore), Committed: 1_000_000);

        var next = share.Next(TimeSpan.FromSeconds(age), 1_000_000 + came, Limit);

        Assert.Equal(new(after, TimeSpan.FromSeconds(age), 1_000_000 + came), next);
    }
}
