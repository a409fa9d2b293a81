using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Series;

/// <summary>The query parameters of a series.</summary>
/// <param name="Name">The name of the series.</param>
/// <param name="By">The length of a bucket: <c>minute</c>, <c>hour</c> or <c>day</c>. Default: <c>hour</c>.</param>
/// <param name="Since">The buckets of this time and later; RFC 3339.</param>
/// <param name="Until">The buckets before this time; RFC 3339. Default: now.</param>
public sealed record SeriesFields(
    [FromQuery(Name = "name")] string? Name, [FromQuery(Name = "by")] string? By, [FromQuery(Name = "since")] string? Since,
    [FromQuery(Name = "until")] string? Until);

public static class SeriesRoutes
{
    /// <summary>Maps <c>GET /series</c>, whose series are those of sources.</summary>
    public static void MapSeries(this WebApplication app, IReadOnlyList<SeriesDefinition> all) =>
        app.MapApi("/series", Scope.EventsRead).MapGet("/", (
            [AsParameters] SeriesFields fields, [FromQuery(Name = "source")] string? source, SeriesQueries reader,
            TimeProvider time, CancellationToken cancellationToken) =>
        {
            var errors = new FieldErrors();
            errors.Text("source", source);
            return fields.ReadAsync(all, source, errors, reader, time, cancellationToken);
        }).DescribesSeries(all);

    /// <summary>Describes a route that answers series.</summary>
    public static RouteHandlerBuilder DescribesSeries(
        this RouteHandlerBuilder route, IReadOnlyList<SeriesDefinition> all) => route
        .WithSummary("Count by the minute, the hour or the day, in UTC.")
        .WithDescription(
            $"name is one of {string.Join("; ", all.Select(series => $"{series.Name}: {series.Meaning}"))}. Runs of a replay are "
                + $"not counted. At most {SeriesSpan.MaxBuckets} buckets; minutes reach back a day. What is counted stays when "
                + "retention deletes the rows.");

    /// <summary>Validates the fields and reads the series.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="all">The series that the route has.</param>
    /// <param name="label">The source or the endpoint; null counts all of them.</param>
    /// <param name="errors">The errors of other fields.</param>
    /// <param name="reader">Reads the series.</param>
    /// <param name="time">The clock of the default span.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async Task<Results<Ok<SeriesView>, ValidationProblem>> ReadAsync(
        this SeriesFields fields, IReadOnlyList<SeriesDefinition> all, string? label, FieldErrors errors, SeriesQueries reader,
        TimeProvider time, CancellationToken cancellationToken)
    {
        errors.OneOf("name", fields.Name ?? "", [.. all.Select(series => series.Name)]);
        var span = SeriesSpan.Read(fields.By, fields.Since, fields.Until, time.GetUtcNow(), errors);
        return errors.Any
            ? errors.ToBadRequest()
            : TypedResults.Ok(await reader.ReadAsync(
                all.Single(series => series.Name == fields.Name), span!, label, cancellationToken));
    }
}
