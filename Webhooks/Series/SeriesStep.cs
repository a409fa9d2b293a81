using Aspire.Webhooks.Api;

namespace Aspire.Webhooks.Series;

/// <summary>The length of the buckets of a series. Buckets begin at whole minutes, hours or days, in UTC.</summary>
/// <param name="Name">The name in the API.</param>
/// <param name="Length">The length of a bucket.</param>
/// <param name="DefaultSpan">The time that is shown when none is asked for.</param>
public sealed record SeriesStep(string Name, TimeSpan Length, TimeSpan DefaultSpan)
{
    public static readonly SeriesStep Minute = new("minute", TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
    public static readonly SeriesStep Hour = new("hour", TimeSpan.FromHours(1), TimeSpan.FromDays(1));
    public static readonly SeriesStep Day = new("day", TimeSpan.FromDays(1), TimeSpan.FromDays(30));

    public static IReadOnlyList<SeriesStep> All { get; } = [Minute, Hour, Day];

    /// <summary>Returns the start of the bucket of a time.</summary>
    public DateTimeOffset Start(DateTimeOffset time)
    {
        var ticks = (time - DateTimeOffset.UnixEpoch).Ticks;
        var into = ((ticks % Length.Ticks) + Length.Ticks) % Length.Ticks;
        return DateTimeOffset.UnixEpoch.AddTicks(ticks - into);
    }

    /// <summary>Returns the start of the first bucket that begins at a time or later.</summary>
    public DateTimeOffset End(DateTimeOffset time) => Start(time) is var start && start == time ? start : start + Length;
}

/// <summary>The buckets that a series is read in.</summary>
/// <param name="Since">The start of the first bucket.</param>
/// <param name="Until">The end of the last bucket.</param>
public sealed record SeriesSpan(SeriesStep Step, DateTimeOffset Since, DateTimeOffset Until)
{
    /// <summary>The largest number of buckets: a month of hours.</summary>
    public const int MaxBuckets = 31 * 24;

    /// <summary>How long minutes are kept; hours are kept as retention says.</summary>
    public static readonly TimeSpan MinutesKept = TimeSpan.FromDays(1);

    private const int FirstYear = 2000;
    private const int LastYear = 2999;

    public int Count => (int)((Until - Since) / Step.Length);

    /// <summary>Validates the query parameters. Buckets that the times are in belong to the span as a whole.</summary>
    public static SeriesSpan? Read(string? by, string? since, string? until, DateTimeOffset now, FieldErrors errors)
    {
        errors.OneOf("by", by, [.. SeriesStep.All.Select(step => step.Name)]);
        var (from, to) = errors.Span("", since, until);
        foreach (var (field, time) in new[] { ("since", from), ("until", to) })
        {
            if (time is { Year: < FirstYear or > LastYear })
            {
                errors.Add(field, $"{field} is between {FirstYear} and {LastYear}.");
            }
        }

        if (errors.Any)
        {
            return null;
        }

        var step = by is null ? SeriesStep.Hour : SeriesStep.All.Single(step => step.Name == by);
        var end = step.End(to ?? now);
        var start = step.Start(from ?? end - step.DefaultSpan);
        if (end <= start)
        {
            errors.Add("since", "since is not in the future.");
        }
        else if ((end - start) / step.Length > MaxBuckets)
        {
            errors.Add("since", $"since is at most {MaxBuckets} of these steps before until.");
        }
        else if (step == SeriesStep.Minute && start < step.Start(now) - MinutesKept)
        {
            errors.Add("since", "Minutes are kept for a day: since is within it, or by is another.");
        }

        return errors.Any ? null : new(step, start, end);
    }
}
