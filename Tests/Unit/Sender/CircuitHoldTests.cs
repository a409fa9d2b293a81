using Aspire.Webhooks.Sender.Endpoints;

namespace Aspire.Webhooks.Tests.Unit.Sender;

public sealed class CircuitHoldTests
{
    private static readonly CircuitOptions Options = new();

    [Theory]
    [InlineData(1, false, null)]
    [InlineData(4, false, null)]
    [InlineData(5, false, 30)]
    [InlineData(1, true, null)]
    [InlineData(2, true, 30)]
    public void It_opens_after_five_failures_or_two_where_the_last_ran_out_of_time(int failures, bool timedOut, int? seconds) =>
        Assert.Equal(
        seconds is { } hold ? TimeSpan.FromSeconds(hold) : null,
        EndpointCircuit.HoldAfter(failures, TimeSpan.Zero, timedOut, Options, random: 0));

    [Theory]
    [InlineData(10, 0, 30)]
    [InlineData(60, 0, 60)]
    [InlineData(60, 0.5, 66)]
    [InlineData(60, 1, 72)]
    [InlineData(3000, 0, 300)]
    [InlineData(3000, 1, 360)]
    public void The_hold_is_as_long_as_the_endpoint_has_been_failing_within_bounds_and_up_to_a_fifth_longer(
        int failing, double random, int seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            EndpointCircuit.HoldAfter(5, TimeSpan.FromSeconds(failing), timedOut: false, Options, random));

    [Fact]
    public void It_is_never_shorter_than_the_shortest_also_where_the_longest_is_shorter() => Assert.Equal(
        TimeSpan.FromHours(1),
        EndpointCircuit.HoldAfter(
            5, TimeSpan.FromDays(1), timedOut: false, new() { Hold = TimeSpan.FromHours(1), MaxHold = TimeSpan.FromMinutes(1) },
            0));
}
