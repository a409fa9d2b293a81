using System.Globalization;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.Api;

/// <summary>
/// Parses timestamps of RFC 3339, with some extensions of ISO 8601: date, <c>T</c> or a space, time, zone. Seconds can be
/// omitted. Fractions have up to nine digits and are truncated to microseconds, as in Python and PostgreSQL. The zone is
/// <c>Z</c>, <c>+01:00</c> or <c>+0100</c>. A text without a zone is not a point in time and is rejected.
/// </summary>
public static partial class Iso8601
{
    private const long MaxOffsetMinutes = (23 * 60) + 59;

    /// <summary>Returns the time in UTC; null when the text is invalid or the time is outside the years 1 to 9999.</summary>
    public static DateTimeOffset? Parse(string text)
    {
        if (Shape().Match(text) is not { Success: true } match)
        {
            return null;
        }

        // The regular expression leaves these errors to find: a 13th month, a 30th of February, a 25th hour, a leap second.
        if (!DateTime.TryParseExact(
                $"{match.Groups["date"].ValueSpan} {match.Groups["time"].ValueSpan}{Seconds(match)}",
                "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            || Offset(match) is not { } offset)
        {
            return null;
        }

        var ticks = local.Ticks + Fraction(match) - offset.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
    }

    private static string Seconds(Match match) =>
        match.Groups["seconds"] is { Success: true } seconds ? $":{seconds.ValueSpan}" : ":00";

    private static long Fraction(Match match)
    {
        var digits = match.Groups["fraction"].ValueSpan;
        var microseconds = 0L;
        for (var at = 0; at < 6; at++)
        {
            microseconds = (microseconds * 10) + (at < digits.Length ? digits[at] - '0' : 0);
        }

        return microseconds * TimeSpan.TicksPerMicrosecond;
    }

    private static TimeSpan? Offset(Match match)
    {
        if (!match.Groups["sign"].Success)
        {
            return TimeSpan.Zero;
        }

        var minutes = (Number(match, "hours") * 60) + Number(match, "minutes");
        return Number(match, "minutes") > 59 || minutes > MaxOffsetMinutes
            ? null
            : TimeSpan.FromMinutes(match.Groups["sign"].ValueSpan is "-" ? -minutes : minutes);
    }

    private static long Number(Match match, string group) =>
        long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<time>[0-9]{2}:[0-9]{2})"
            + @"(:(?<seconds>[0-9]{2})(\.(?<fraction>[0-9]{1,9}))?)?"
            + @"([Zz]|(?<sign>[+-])(?<hours>[0-9]{2}):?(?<minutes>[0-9]{2}))\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
