namespace Aspire.Webhooks.Console.Display;

/// <summary>Formats times and durations for people.</summary>
public static class TimeText
{
    /// <summary>Formats a time relative to another, as in <c>5 min ago</c>.</summary>
    public static string Relative(DateTimeOffset time, DateTimeOffset now)
    {
        var distance = (now - time).Duration();
        var text = distance.TotalSeconds < 1 ? "now" : Duration(distance);
        return text == "now" ? text : time <= now ? $"{text} ago" : $"in {text}";
    }

    /// <summary>Formats a duration in its largest unit.</summary>
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalMilliseconds: < 1000 } => $"{span.TotalMilliseconds:0} ms",
        { TotalSeconds: < 60 } => $"{Math.Floor(span.TotalSeconds):0} s",
        { TotalMinutes: < 60 } => $"{Math.Floor(span.TotalMinutes):0} min",
        { TotalHours: < 48 } => $"{Math.Floor(span.TotalHours):0} h",
        _ => $"{Math.Floor(span.TotalDays):0} d",
    };

    /// <summary>Formats the exact time in UTC. The script replaces it with the time in the person's zone.</summary>
    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'");

    /// <summary>Formats the exact time for the <c>datetime</c> attribute.</summary>
    public static string Machine(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    /// <summary>Returns the start of a filter's period; null for no period.</summary>
    public static DateTimeOffset? Start(string? period, DateTimeOffset now) => period switch
    {
        "1h" => now.AddHours(-1),
        "1d" => now.AddDays(-1),
        "7d" => now.AddDays(-7),
        "30d" => now.AddDays(-30),
        _ => null,
    };
}
