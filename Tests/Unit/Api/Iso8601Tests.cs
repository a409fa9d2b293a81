using System.Globalization;
using Aspire.Webhooks.Api;

namespace Aspire.Webhooks.Tests.Unit.Api;

public sealed class Iso8601Tests
{
    [Theory]
    [InlineData("2025-12-07T10:30:00Z", "2025-12-07T10:30:00.0000000")]
    [InlineData("2025-12-07t10:30:00z", "2025-12-07T10:30:00.0000000")]
    [InlineData("2025-12-07 10:30:00Z", "2025-12-07T10:30:00.0000000")]
    [InlineData("2025-12-07T10:30Z", "2025-12-07T10:30:00.0000000")]
    [InlineData("2025-12-07T10:30:00+00:00", "2025-12-07T10:30:00.0000000")]
    [InlineData("2025-12-07T10:30:00-00:00", "2025-12-07T10:30:00.0000000")]
    [InlineData("2025-12-07T10:30:00+05:30", "2025-12-07T05:00:00.0000000")]
    [InlineData("2025-12-07T10:30:00-0800", "2025-12-07T18:30:00.0000000")]
    [InlineData("2025-12-07T10:30:00+14:00", "2025-12-06T20:30:00.0000000")]
    [InlineData("2025-12-07T10:30:00+23:59", "2025-12-06T10:31:00.0000000")]
    [InlineData("2025-12-31T23:30:00-01:00", "2026-01-01T00:30:00.0000000")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000")]
    [InlineData("2025-12-07T10:30:00.5Z", "2025-12-07T10:30:00.5000000")]
    [InlineData("2025-12-07T10:30:00.123456Z", "2025-12-07T10:30:00.1234560")]
    [InlineData("2025-12-07T10:30:00.123456789Z", "2025-12-07T10:30:00.1234560")]
    [InlineData("2025-12-07T10:30:59.999999999Z", "2025-12-07T10:30:59.9999990")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000")]
    [InlineData("0001-01-01T00:00:00.000001Z", "0001-01-01T00:00:00.0000010")]
    [InlineData("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.9999990")]
    public void A_timestamp_is_a_moment_in_UTC(string text, string expected)
    {
        var time = Iso8601.Parse(text);

        Assert.Equal(TimeSpan.Zero, time!.Value.Offset);
        Assert.Equal(expected, time.Value.DateTime.ToString("O", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2025-12-07")]
    [InlineData("2025-12-07T10:30:00")]
    [InlineData("2025-12-07T10:30:00 Z")]
    [InlineData("2025-12-07T10:30:00Z ")]
    [InlineData("2025-12-07T10:30:00Z\n")]
    [InlineData(" 2025-12-07T10:30:00Z")]
    [InlineData("2025-12-07_10:30:00Z")]
    [InlineData("2025-12-07  10:30:00Z")]
    [InlineData("20251207T103000Z")]
    [InlineData("2025-W49-7T10:30:00Z")]
    [InlineData("2025-341T10:30:00Z")]
    [InlineData("2025-12-07T10Z")]
    [InlineData("2025-12-07T10:30.5Z")]
    [InlineData("2025-12-07T10:30:00,5Z")]
    [InlineData("2025-12-07T10:30:00.Z")]
    [InlineData("2025-12-07T10:30:00.1234567890Z")]
    [InlineData("2025-13-07T10:30:00Z")]
    [InlineData("2025-00-07T10:30:00Z")]
    [InlineData("2025-02-29T10:30:00Z")]
    [InlineData("2025-12-00T10:30:00Z")]
    [InlineData("2025-12-07T24:00:00Z")]
    [InlineData("2025-12-07T10:60:00Z")]
    [InlineData("2016-12-31T23:59:60Z")]
    [InlineData("2025-12-07T10:30:00+24:00")]
    [InlineData("2025-12-07T10:30:00+01:60")]
    [InlineData("2025-12-07T10:30:00+1:00")]
    [InlineData("2025-12-07T10:30:00+01")]
    [InlineData("2025-12-07T10:30:00 01:00")]
    [InlineData("2025-12-07T10:30:00UTC")]
    [InlineData("0000-12-07T10:30:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("-2025-12-07T10:30:00Z")]
    [InlineData("+2025-12-07T10:30:00Z")]
    [InlineData("٢٠٢٥-12-07T10:30:00Z")]
    [InlineData("2025−12−07T10:30:00Z")]
    public void A_text_that_is_no_moment_is_refused(string text) => Assert.Null(Iso8601.Parse(text));
}
