using Npgsql;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Decides under which delivery ids digests are stored. The unique key of the ledger has no end in time, but a digest counts for
/// a window only: after it, the same body is a new event, whose delivery id is the digest with the number of the window.
/// </summary>
internal static class DigestIds
{
    // One index probe for each.
    private const string FindSql = """
        select asked.position, known.received_at
        from unnest($1, $2) with ordinality as asked (source, delivery_id, position)
        cross join lateral (
            select received_at from webhooks.inbound_events
            where source = asked.source and delivery_id = asked.delivery_id limit 1) known
        """;

    private const int Candidates = 3;

    /// <summary>Returns the delivery ids by position; null for a duplicate of an event whose window has not ended.</summary>
    /// <remarks>
    /// Receivers that get the same body at once choose the same id, and the unique key accepts one of them. They can choose two
    /// ids only if they get it at the moment at which one numbered window ends and the next begins.
    /// </remarks>
    public static string?[] Of(IReadOnlyList<IntakeItem> items, NpgsqlConnection connection)
    {
        var known = Find(items, connection);
        var ids = new string?[items.Count];
        for (var at = 0; at < ids.Length; at++)
        {
            var item = items[at];
            var times = known.AsSpan(at * Candidates, Candidates);
            var counts = false;
            foreach (var time in times)
            {
                counts |= time > item.Event.ReceivedAt.UtcDateTime - item.Window;
            }

            ids[at] = counts ? null : IdsOf(item)[times[0] is null ? 0 : 1];
        }

        return ids;
    }

    // The digest is the id of its first event. A later event has the number of its own window; one that counts may also have that
    // of the window before.
    private static string[] IdsOf(IntakeItem item)
    {
        if (item.Window is not { } window)
        {
            return [item.Event.DeliveryId];
        }

        var number = item.Event.ReceivedAt.UtcTicks / window.Ticks;
        return [item.Event.DeliveryId, $"{item.Event.DeliveryId}.{number}", $"{item.Event.DeliveryId}.{number - 1}"];
    }

    // Returns the times of receipt by position, as many for each item as there are candidates.
    private static DateTime?[] Find(IReadOnlyList<IntakeItem> items, NpgsqlConnection connection)
    {
        var asked = items.Index().Where(each => each.Item.Window is not null)
            .SelectMany(each => IdsOf(each.Item).Select((id, candidate) =>
                (Place: each.Index * Candidates + candidate, each.Item.Event.Source, Id: id))).ToList();
        using var command = new NpgsqlCommand(FindSql, connection);
        command.Parameters.Add(new() { Value = asked.Select(one => one.Source).ToArray() });
        command.Parameters.Add(new() { Value = asked.Select(one => one.Id).ToArray() });
        using var reader = command.ExecuteReader();
        var found = new DateTime?[items.Count * Candidates];
        while (reader.Read())
        {
            found[asked[(int)reader.GetInt64(0) - 1].Place] = reader.GetDateTime(1);
        }

        return found;
    }
}
