using Aspire.Webhooks.Api;
using Aspire.Webhooks.Series;

namespace Aspire.Webhooks.Tests.Unit.Series;

/// <summary>Which buckets a request asks for.</summary>
public sealed class SeriesSpanTests
{
    private static readonly DateTimeOffset Now = At("2026-01-31T08:15:30.5Z");

    [Theory]
    [InlineData("minute", "2026-01-31T08:15:30.5Z", "2026-01-31T08:15:00Z", "2026-01-31T08:16:00Z")]
    [InlineData("minute", "2026-01-31T08:15:00Z", "2026-01-31T08:15:00Z", "2026-01-31T08:15:00Z")]
    [InlineData("hour", "2026-01-31T08:59:59.999Z", "2026-01-31T08:00:00Z", "2026-01-31T09:00:00Z")]
    [InlineData("hour", "2026-01-31T08:45:00+05:45", "2026-01-31T03:00:00Z", "2026-01-31T03:00:00Z")]
    [InlineData("day", "2026-01-31T00:00:00+01:00", "2026-01-30T00:00:00Z", "2026-01-31T00:00:00Z")]
    [InlineData("day", "1969-12-31T23:59:59Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z")]
    public void A_bucket_begins_at_a_whole_minute_hour_or_day_of_UTC(string by, string time, string start, string end)
    {
        var step = SeriesStep.All.Single(step => step.Name == by);

        Assert.Equal(At(start), step.Start(At(time)));
        Assert.Equal(At(end), step.End(At(time)));
        Assert.Equal(TimeSpan.Zero, step.Start(At(time)).Offset);
    }

    [Theory]
    [InlineData(null, null, null, "2026-01-30T09:00:00Z", "2026-01-31T09:00:00Z", 24)]
    [InlineData("minute", null, null, "2026-01-31T07:16:00Z", "2026-01-31T08:16:00Z", 60)]
    [InlineData("day", null, null, "2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z", 30)]
    [InlineData("hour", "2026-01-31T05:59:59Z", "2026-01-31T07:00:01Z", "2026-01-31T05:00:00Z", "2026-01-31T08:00:00Z", 3)]
    [InlineData("day", "2026-01-31T00:00:00Z", null, "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z", 1)]
    public void The_span_has_whole_buckets(string? by, string? since, string? until, string start, string end, int count)
    {
        var errors = new FieldErrors();

        var span = SeriesSpan.Read(by, since, until, Now, errors);

        Assert.Empty(errors.All);
        Assert.Equal((At(start), At(end), count), (span!.Since, span.Until, span.Count));
    }

    [Theory]
    [InlineData("week", null, null, "by")]
    [InlineData("Hour", null, null, "by")]
    [InlineData("", null, null, "by")]
    [InlineData("hour", "yesterday", null, "since")]
    [InlineData("hour", null, "2026-01-31", "until")]
    [InlineData("hour", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z", "until")]
    [InlineData("hour", "2026-02-01T00:00:00Z", null, "since")]
    [InlineData("hour", "2025-12-31T08:00:00Z", null, "since")]
    [InlineData("day", "2020-01-01T00:00:00Z", null, "since")]
    [InlineData("minute", "2026-01-31T08:00:00Z", "2026-02-01T08:00:00Z", "since")]
    [InlineData("minute", "2026-01-30T08:00:00Z", "2026-01-30T08:05:00Z", "since")]
    [InlineData("day", "0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z", "since")]
    [InlineData("day", null, "0001-01-02T00:00:00Z", "until")]
    [InlineData("day", "9999-12-30T00:00:00Z", "9999-12-31T23:59:59Z", "until")]
    public void What_cannot_be_answered_is_an_error_of_its_field(string by, string? since, string? until, string field)
    {
        var errors = new FieldErrors();

        Assert.Null(SeriesSpan.Read(by, since, until, Now, errors));
        Assert.Contains(field, errors.All.Keys, StringComparer.Ordinal);
    }

    private static DateTimeOffset At(string time) => Iso8601.Parse(time)!.Value;
}
