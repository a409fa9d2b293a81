using Aspire.Webhooks.Api;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Sender.Messages;

/// <summary>Statistics of deliveries.</summary>
/// <param name="Since">The statistics cover messages published at this time or later.</param>
/// <param name="IsPartial">Whether the limit was reached: then only the newest deliveries are counted.</param>
/// <param name="Total">The counts of all merchants.</param>
/// <param name="Merchants">The merchants with the most failures, up to 100.</param>
/// <param name="Attempts">The number of finished deliveries by their number of attempts.</param>
/// <param name="Endpoints">The current number of active endpoints, and of inactive ones by reason.</param>
public sealed record StatsView(
    DateTimeOffset Since, bool IsPartial, DeliveryCounts Total, IReadOnlyList<MerchantStats> Merchants,
    IReadOnlyList<AttemptStats> Attempts, EndpointStats Endpoints);

/// <summary>Counts of deliveries by state.</summary>
/// <param name="Open">The number of pending and running deliveries.</param>
/// <param name="SuccessRate">The share of delivered ones among those delivered or failed, from 0 to 1; null when there are
/// none.</param>
public sealed record DeliveryCounts(long Delivered, long Failed, long Skipped, long Cancelled, long Open, double? SuccessRate);

public sealed record MerchantStats(string MerchantId, DeliveryCounts Deliveries);

public sealed record AttemptStats(int Attempts, long Delivered, long Failed);

public sealed record EndpointStats(long Active, long Merchant, long Failures, long Gone);

/// <summary>Counts the newest deliveries by state.</summary>
public sealed class DeliveryStats(NpgsqlDataSource database)
{
    /// <summary>The largest number of deliveries that are counted, which takes about a second.</summary>
    public const int MaxDeliveries = 100_000;

    private const int MaxMerchants = 100;

    private const string DeliveriesSql = """
        with recent as materialized (
            select id, message_id from webhooks.deliveries where id >= $1 and created_at >= $2 order by id desc limit $3)
        select message.merchant_id, job.state,
            coalesce(
                job.attempt, (select max(attempt) from webhooks.delivery_attempts where delivery_id = recent.id), 0),
            count(*)
        from recent
        join webhooks.messages message on message.id = recent.message_id
        left join lateral (
            select state, attempt from webhooks.jobs where ref_id = recent.id and kind = $4 order by id desc limit 1) job on true
        group by 1, 2, 3
        """;

    private const string EndpointsSql = """
        select coalesce(disabled_reason, 'active'), count(*) from webhooks.endpoints where deleted_at is null group by 1
        """;

    public async Task<StatsView> ReadAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var groups = await GroupsAsync(since, cancellationToken);
        var endpoints = await EndpointsAsync(cancellationToken);
        return new(
            since,
            groups.Sum(group => group.Count) >= MaxDeliveries,
            Counts(groups),
            [
                .. groups.GroupBy(group => group.Merchant, StringComparer.Ordinal)
                    .Select(merchant => new MerchantStats(merchant.Key, Counts(merchant)))
                    .OrderByDescending(merchant => merchant.Deliveries.Failed)
                    .ThenBy(merchant => merchant.MerchantId, StringComparer.Ordinal)
                    .Take(MaxMerchants),
            ],
            [
                .. groups.Where(group => group.State is DeliveryStates.Delivered or DeliveryStates.Failed)
                    .GroupBy(group => group.Attempts)
                    .OrderBy(group => group.Key)
                    .Select(group => new AttemptStats(
                        group.Key, In(group, DeliveryStates.Delivered), In(group, DeliveryStates.Failed))),
            ],
            new(
                endpoints.GetValueOrDefault("active"), endpoints.GetValueOrDefault("merchant"),
                endpoints.GetValueOrDefault("failures"), endpoints.GetValueOrDefault("gone")));
    }

    private static DeliveryCounts Counts(IEnumerable<Group> groups)
    {
        var all = groups.ToList();
        var (delivered, failed) = (In(all, DeliveryStates.Delivered), In(all, DeliveryStates.Failed));
        return new(
            delivered, failed, In(all, DeliveryStates.Skipped), In(all, "cancelled"), In(all, "pending") + In(all, "running"),
            delivered + failed == 0 ? null : (double)delivered / (delivered + failed));
    }

    private static long In(IEnumerable<Group> groups, string state) =>
        groups.Where(group => group.State == state).Sum(group => group.Count);

    private async Task<IReadOnlyList<Group>> GroupsAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(DeliveriesSql);
        command.Parameters.Add(new() { Value = TimeOrderedId.Least(since)!.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = since });
        command.Parameters.Add(new() { Value = MaxDeliveries });
        command.Parameters.Add(new() { Value = JobKind.Delivery.Name() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var groups = new List<Group>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var state = await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1);
            groups.Add(new(reader.GetString(0), DeliveryStates.OfJob(state), reader.GetInt32(2), reader.GetInt64(3)));
        }

        return groups;
    }

    private async Task<Dictionary<string, long>> EndpointsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(EndpointsSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return counts;
    }

    private sealed record Group(string Merchant, string State, int Attempts, long Count);
}
