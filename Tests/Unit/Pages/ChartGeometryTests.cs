extern alias Console;

using Console::Aspire.Webhooks.Console.Display;

namespace Aspire.Webhooks.Tests.Unit.Pages;

public sealed class ChartGeometryTests
{
    [Fact]
    public void The_largest_bar_reaches_the_top_and_nothing_has_no_bar() => Assert.Equal(
        [new(0, 30, 30), new(8, 0, 60), new(12, 58.5, 1.5)], ChartGeometry.Bars([50, 0, 100, 1], [], 100));

    [Fact]
    public void Bars_stand_on_those_below_and_stay_in_the_chart()
    {
        var bars = ChartGeometry.Bars([50, 1, 0, 7], [50, 99, 100], 100);

        Assert.Equal([new(0, 0, 30), new(4, 0, 1.5), new(12, 55.8, 4.2)], bars);
        Assert.All(bars, bar => Assert.InRange(bar.Y + bar.Height, 0, ChartGeometry.Height));
    }

    [Fact]
    public void A_line_is_interrupted_where_nothing_was_measured() => Assert.Equal(
        ["0,60 3,60 4,30 7,30", "12,0 15,0"], ChartGeometry.Lines([0, 50, null, 100, null], 100));

    [Fact]
    public void Without_values_there_is_nothing_to_draw()
    {
        Assert.Empty(ChartGeometry.Bars([], [], 1));
        Assert.Empty(ChartGeometry.Bars([0, 0], [0], 1));
        Assert.Empty(ChartGeometry.Lines([null, null], 0));
    }
}
