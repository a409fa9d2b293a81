namespace Aspire.Webhooks.Series;

/// <summary>A series of counts.</summary>
/// <param name="Name">What is counted.</param>
/// <param name="By">The length of a bucket: <c>minute</c>, <c>hour</c> or <c>day</c>.</param>
/// <param name="Since">The start of the first bucket.</param>
/// <param name="Until">The end of the last bucket.</param>
/// <param name="Total">All buckets together.</param>
/// <param name="Data">The buckets, oldest first; also those in which nothing happened.</param>
public sealed record SeriesView(
    string Name, string By, DateTimeOffset Since, DateTimeOffset Until, SeriesPoint Total, IReadOnlyList<SeriesPoint> Data);

/// <summary>A bucket of a series.</summary>
/// <param name="At">The start of the bucket.</param>
/// <param name="Count">How many there were.</param>
/// <param name="P50Ms">The median duration in milliseconds, to within 9 %; null when there is none.</param>
/// <param name="P99Ms">The duration that 99 % do not exceed.</param>
public sealed record SeriesPoint(DateTimeOffset At, long Count, double? P50Ms, double? P99Ms);
