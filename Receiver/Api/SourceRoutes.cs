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
public sealed record SourceView(
    string Name, string Scheme, string Path, string? SharedPath, string Payload, IReadOnlyList<string> SecretKeys,
    IReadOnlyList<SourceSecretView> Secrets, DateTimeOffset? LastEventAt, RejectionView? LastRejection);

/// <summary>A secret that is set.</summary>
/// <param name="ExpiresAt">The time from which it is refused; null for never.</param>
public sealed record SourceSecretView(DateTimeOffset? ExpiresAt);

public static class SourceRoutes
{
    private static readonly string LatestSql = $"""
        select source.name, event.received_at, rejected.id, rejected.reason, rejected.received_at, rejected.remote_address,
            rejected.trace_id
        from unnest($1) as source (name)
        left join lateral (
            {LatestOfSource.Sql("inbound_events", "source.name")}) event on event.source = source.name
        left join lateral (
            {LatestOfSource.Sql("rejected_requests", "source.name")}) rejected on rejected.source = source.name
        order by source.name
        """;

    /// <summary>Maps <c>GET /sources</c>.</summary>
    public static void MapSources(this WebApplication app) => app.MapApi("/sources", Scope.EventsRead).MapGet("/", ListAsync)
        .WithSummary("List the configured sources by name, with the newest event and the newest refused request of each.");

    private static async Task<Ok<Page<SourceView>>> ListAsync(
        SourceCatalog catalog, NpgsqlDataSource database, CancellationToken cancellationToken)
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
            views.Add(View(source, reader.GetFieldValue<DateTimeOffset?>(1), rejection));
        }

        return TypedResults.Ok(new Page<SourceView>(views, null));
    }

    private static SourceView View(Source source, DateTimeOffset? lastEventAt, RejectionView? lastRejection) => new(
        source.Name, source.SchemeName, $"/webhooks/{source.Name}", source.Path,
        SourcePayloads.ByName.First(payload => payload.Value == source.Payload).Key, source.SecretKeys,
        [.. source.Keys.Select(key => new SourceSecretView(key.ExpiresAt))], lastEventAt, lastRejection);
}
