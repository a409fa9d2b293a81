namespace Aspire.Webhooks.Console.Clients;

/// <summary>A series of a service: counts by the minute, the hour or the day.</summary>
/// <param name="Total">All buckets together.</param>
/// <param name="Data">The buckets, oldest first.</param>
public sealed record SeriesAnswer(
    string Name, string By, DateTimeOffset Since, DateTimeOffset Until, SeriesPoint Total, IReadOnlyList<SeriesPoint> Data);

public sealed record SeriesPoint(DateTimeOffset At, long Count, double? P50Ms = null, double? P99Ms = null);

/// <summary>The buckets that a page shows.</summary>
/// <param name="By"><c>minute</c>, <c>hour</c> or <c>day</c>.</param>
/// <param name="Since">A time in the first bucket.</param>
public sealed record SeriesPeriod(string By, DateTimeOffset Since)
{
    /// <summary>Returns the buckets of a period up to now: 60 minutes, 24 hours, or the hours of 7 days.</summary>
    public static SeriesPeriod Of(string period, DateTimeOffset now) => period switch
    {
        "1d" => new("hour", now.AddHours(-23)),
        "7d" => new("hour", now.AddHours(-167)),
        _ => new("minute", now.AddMinutes(-59)),
    };
}
