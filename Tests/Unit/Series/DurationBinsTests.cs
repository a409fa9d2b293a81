using Aspire.Webhooks.Series;

namespace Aspire.Webhooks.Tests.Unit.Series;

public sealed class DurationBinsTests
{
    [Fact]
    public void Without_durations_there_is_no_percentile() => Assert.Null(new DurationBins().Percentile(0.5));

    [Theory]
    [InlineData(0.5, 32)]
    [InlineData(0.99, 1024)]
    [InlineData(1, 4096)]
    public void A_percentile_is_in_the_class_of_the_true_one(double share, double bound)
    {
        // 60 at 32 ms (class 40), 39 at 1024 ms (class 80), one at 4096 ms (class 96).
        var bins = new DurationBins();
        bins.Add(80, 39);
        bins.Add(40, 59);
        bins.Add(96, 1);
        bins.Add(40, 1);

        Assert.Equal(100, bins.Count);
        Assert.InRange(bins.Percentile(share)!.Value, bound * Math.Pow(2, -1 / 8d), bound + 0.001);
    }

    [Fact]
    public void Parts_that_are_added_are_the_whole()
    {
        var random = new Random(7);
        var (whole, first, second) = (new DurationBins(), new DurationBins(), new DurationBins());
        for (var at = 0; at < 500; at++)
        {
            var bin = (short)random.Next(0, 120);
            whole.Add(bin, 1);
            (at % 3 == 0 ? first : second).Add(bin, 1);
        }

        first.Add(second);

        Assert.Equal(500, first.Count);
        Assert.All([0.01, 0.5, 0.9, 0.99, 1], share => Assert.Equal(whole.Percentile(share), first.Percentile(share)));
    }

    [Fact]
    public void What_takes_no_time_is_within_a_millisecond()
    {
        var bins = new DurationBins();
        bins.Add(0, 4);

        Assert.InRange(bins.Percentile(0.5)!.Value, 0, 1);
    }
}
