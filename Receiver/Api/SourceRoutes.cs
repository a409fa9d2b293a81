using System.Security.Claims;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Aspire.Webhooks.Receiver.Api;

/// <summary>A source as it is configured, with its latest event and rejection. No secret is part of it.</summary>
/// <param name="Path">The path of its URL.</param>
/// <param name="SharedPath">An additional path, which other sources may share; null when it has none.</param>
/// <param name="Payload">The kind of its bodies: <c>any</c> or <c>phone-message</c>.</param>
/// <param name="SecretKeys">The configuration keys of its secrets.</param>
/// <param name="Secrets">The secrets that are set.</param>
/// <param name="LastEventAt">The time of its newest event; null when it has none.</param>
/// <param name="LastRejection">The newest request that was refused; null when none is stored.</param>
/// <param name="PausedAt">When it was paused: its events wait since then. Null when it is not paused.</param>
/// <param name="CanTest">Whether a test event can be signed with its secret.</param>
public sealed record SourceView(
    string Name, string Scheme, string Path, string? SharedPath, string Payload, IReadOnlyList<string> SecretKeys,
    IReadOnlyList<SourceSecretView> Secrets, DateTimeOffset? LastEventAt, RejectionView? LastRejection,
    DateTimeOffset? PausedAt, bool CanTest);

/// <summary>A secret that is set.</summary>
/// <param name="ExpiresAt">The time from which it is refused; null for never.</param>
public sealed record SourceSecretView(DateTimeOffset? ExpiresAt);

/// <summary>Whether a source is paused.</summary>
/// <param name="PausedAt">When it was paused; null when it is not.</param>
public sealed record SourcePauseView(string Name, DateTimeOffset? PausedAt);

/// <summary>The reason to pause or to resume a source.</summary>
/// <param name="Reason">The reason, for the audit: 1 to 500 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PauseRequest(string? Reason = null) : IReasonRequest;

public static class SourceRoutes
{
    private static readonly string LatestSql = $"""
        select source.name, event.received_at, rejected.id, rejected.reason, rejected.received_at, rejected.remote_address,
            rejected.trace_id, lane.paused_at
        from unnest($1) as source (name)
        left join lateral (
            {LatestOfSource.Sql("inbound_events", "source.name")}) event on event.source = source.name
        left join lateral (
            {LatestOfSource.Sql("rejected_requests", "source.name")}) rejected on rejected.source = source.name
        left join webhooks.lanes lane on lane.kind = 'event' and lane.lane = source.name
        order by source.name
        """;

    /// <summary>Maps <c>GET /sources</c>, <c>POST /sources/{name}/pause</c> and <c>/resume</c>.</summary>
    public static void MapSources(this WebApplication app)
    {
        var sources = app.MapApi("/sources", Scope.EventsRead);
        sources.MapGet("/", ListAsync)
            .WithSummary("List the configured sources by name, with the newest event and the newest refused request of each.");
        sources.MapPost("/{name}/pause", PauseAsync).Writes(Scope.EventsWrite).ReadsBody()
            .WithSummary("Pause a source.")
            .WithDescription(
                "Its events are still verified, stored and answered, and are not processed until it is resumed. A source that is "
                + "paused already stays as it is. Tasks that exist already go on.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        sources.MapPost("/{name}/resume", ResumeAsync).Writes(Scope.EventsWrite).ReadsBody()
            .WithSummary("Resume a source: what waits is processed, the oldest first.")
            .WithDescription("A source that is not paused stays as it is.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<Results<Ok<SourcePauseView>, ValidationProblem, ProblemHttpResult>> PauseAsync(
        string name, Body<PauseRequest> body, SourceCatalog catalog, SourcePauses pauses, ClaimsPrincipal user,
        CancellationToken cancellationToken) => body.WithReasonAsync<PauseRequest, SourcePauseView>(async reason =>
    {
        if (catalog.Find(name) is not { } source)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);
        }

        await pauses.PauseAsync(source.Name, reason, Subject.Of(user), cancellationToken);
        return TypedResults.Ok(new SourcePauseView(source.Name, await pauses.FindAsync(source.Name, cancellationToken)));
    });

    // A source that was removed from the configuration while it was paused can still be resumed: its events wait.
    private static Task<Results<Ok<SourcePauseView>, ValidationProblem, ProblemHttpResult>> ResumeAsync(
        string name, Body<PauseRequest> body, SourceCatalog catalog, SourcePauses pauses, ClaimsPrincipal user,
        CancellationToken cancellationToken) => body.WithReasonAsync<PauseRequest, SourcePauseView>(async reason =>
    {
        var source = catalog.Find(name)?.Name;
        return await pauses.ResumeAsync(source ?? name, reason, Subject.Of(user), cancellationToken) || source is not null
            ? TypedResults.Ok(new SourcePauseView(source ?? name, null))
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);
    });

    private static async Task<Ok<Page<SourceView>>> ListAsync(
        SourceCatalog catalog, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var sources = catalog.All.ToDictionary(source => source.Name, StringComparer.Ordinal);
        await using var command = database.CreateCommand(LatestSql);
        command.Parameters.Add(new() { Value = sources.Keys.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var views = new List<SourceView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var source = sources[reader.GetString(0)];
            var rejection = await reader.IsDBNullAsync(2, cancellationToken)
                ? null
                : new RejectionView(
                    reader.GetGuid(2), source.Name, reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4),
                    reader.GetString(5), await reader.IsDBNullAsync(6, cancellationToken) ? null : reader.GetString(6));
            views.Add(
                new(
                    source.Name, source.SchemeName, $"/webhooks/{source.Name}", source.Path,
                    SourcePayloads.ByName.First(payload => payload.Value == source.Payload).Key, source.SecretKeys,
                    [.. source.Keys.Select(key => new SourceSecretView(key.ExpiresAt))],
                    reader.GetFieldValue<DateTimeOffset?>(1), rejection, reader.GetFieldValue<DateTimeOffset?>(7),
                    TestEventRoutes.ReasonAgainst(source, time.GetUtcNow()) is null));
        }

        return TypedResults.Ok(new Page<SourceView>(views, null));
    }
}
