using System.Net;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Tests.Integration.Sender.Endpoints;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Sender;

/// <summary>
/// Whoever changes an endpoint meets whoever settles its deliveries: one waits for the other, and both come to their end.
/// </summary>
public sealed class RowLockTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    private const string Url = "https://example.com/hooks";
    private const string Lock = "select from webhooks.endpoints where id = $1 for no key update";

    private readonly Outbox _outbox = new(api.Database);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_is_deleted_while_a_delivery_of_its_is_claimed_and_settled()
    {
        var endpoint = await EndpointWithLaterDeliveryAsync();
        await using var first = await Transaction.BeginAsync(api.Database);
        await first.RunAsync(Lock, endpoint);
        using var client = api.Of(_outbox.Merchant);
        var deletion = client.RemoveAsync(endpoint.ToString());
        await WaitingAsync(1);

        // What was pending when the deletion began is settled when it goes on.
        await Sql.ExecuteAsync(api.Database, $"""
            update webhooks.jobs set state = 'running', lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour' where lane = '{endpoint}'
            """);
        await using var settlement = await Transaction.BeginAsync(api.Database);
        await settlement.RunAsync("""
            update webhooks.jobs set state = 'buried', lease_token = null, lease_until = null, finished_at = now() where lane = $1::uuid::text
            """, endpoint);
        var noted = settlement.RunAsync(
            "update webhooks.endpoints set failed_attempts = failed_attempts + 1 where id = $1", endpoint);
        await WaitingAsync(2);
        await first.CommitAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await deletion).Status);
        await noted;
        await settlement.CommitAsync();
        Assert.Equal("buried", Assert.Single(await _outbox.JobsAsync()).State);
    }

    [Fact]
    public async Task A_deletion_erases_the_secret_of_a_rotation_that_it_waited_for()
    {
        var endpoint = await EndpointWithLaterDeliveryAsync();
        await using var rotation = await Transaction.BeginAsync(api.Database);
        await rotation.RunAsync(Lock, endpoint);
        using var client = api.Of(_outbox.Merchant);
        var deletion = client.RemoveAsync(endpoint.ToString());
        await WaitingAsync(1);
        await rotation.RunAsync("""
            insert into webhooks.endpoint_secrets (id, endpoint_id, protected, created_at, expires_at) values (gen_random_uuid(), $1, '', now(), now())
            """, endpoint);
        await rotation.CommitAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await deletion).Status);
        Assert.Equal(0, await Sql.CountAsync(api.Database, $"webhooks.endpoint_secrets where endpoint_id = '{endpoint}'"));
    }

    [Fact]
    public async Task A_success_is_noted_while_somebody_recovers_what_the_endpoint_missed()
    {
        var endpoint = await EndpointWithLaterDeliveryAsync();

        // A message is being published, which refers to the endpoint, and another delivery has just failed.
        await using var publication = await Transaction.BeginAsync(api.Database);
        await publication.RunAsync("select from webhooks.endpoints where id = $1 for key share", endpoint);
        await using var first = await Transaction.BeginAsync(api.Database);
        await first.RunAsync("update webhooks.endpoints set failed_attempts = failed_attempts + 1 where id = $1", endpoint);
        await using var settlement = await Transaction.BeginAsync(api.Database);
        var noted = EndpointCircuit.SucceededAsync(
            new(endpoint, new Uri(Url), [], CustomHeaders.None), new(1, Guid.Empty, 1, Guid.Empty, $"{endpoint}"),
            new("update webhooks.lanes set slow = slow where false"), settlement.Own, Cancellation);
        await WaitingAsync(1);
        using var client = api.Of(_outbox.Merchant);
        var recovery = client.SendAsync(
            HttpMethod.Post, $"{EndpointApi.Path}/{endpoint}/recover", new { since = "2026-01-01T00:00:00Z" });
        await WaitingAsync(2);
        await first.CommitAsync();

        await noted;
        await settlement.CommitAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await recovery).Status);
        Assert.Equal(
            1, await Sql.CountAsync(api.Database, $"webhooks.endpoints where id = '{endpoint}' and failed_attempts = 0"));
        Assert.Null(await Tables.HeldUntilAsync(api.Database, endpoint));
    }

    // Its circuit is open for an hour, and the delivery is due then.
    private async Task<Guid> EndpointWithLaterDeliveryAsync()
    {
        var endpoint = await _outbox.AddEndpointAsync(new Uri(Url));
        await Sql.ExecuteAsync(api.Database, $"update webhooks.endpoints set failed_attempts = 5 where id = '{endpoint}'");
        await Tables.HoldAsync(api.Database, endpoint, "1 hour");
        await _outbox.PublishAsync();
        return endpoint;
    }

    // The database is this class's, and its tests go one after the other.
    private Task WaitingAsync(int count) => Eventually.HoldsAsync($"{count} statements wait for a lock", async () =>
        await Sql.CountAsync(
            api.Database, "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == count);

    private sealed class Transaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public NpgsqlTransaction Own => transaction;

        public static async Task<Transaction> BeginAsync(string database)
        {
            var connection = new NpgsqlConnection(database);
            await connection.OpenAsync(Cancellation);
            return new(connection, await connection.BeginTransactionAsync(Cancellation));
        }

        public async Task RunAsync(string sql, Guid endpoint)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            command.Parameters.Add(new() { Value = endpoint });
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        public Task CommitAsync() => transaction.CommitAsync(Cancellation);

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
