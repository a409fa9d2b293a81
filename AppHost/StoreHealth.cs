using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Aspire.Webhooks.AppHost;

/// <summary>Whether a store takes our login: a port that merely listens says little about who listens.</summary>
internal static class StoreHealth
{
    public static async Task<HealthCheckResult> CheckPostgresAsync(IResourceWithConnectionString database, CancellationToken cancellationToken)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(await database.GetConnectionStringAsync(cancellationToken))
        {
            // A pooled connection would hold up the server's shutdown.
            Pooling = false,
            Timeout = 5,
        };
        await using var connection = new NpgsqlConnection(connectionString.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }

    // Four lines of protocol instead of a client: the client's releases differ between the feeds.
    public static async Task<HealthCheckResult> CheckRedisAsync(
        EndpointReference endpoint, ParameterResource password, CancellationToken cancellationToken)
    {
        var secret = await password.GetValueAsync(cancellationToken) ?? "";
        using var client = new TcpClient();
        await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.UTF8.GetBytes($"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(secret)}\r\n{secret}\r\n*1\r\n$4\r\nPING\r\n"),
            cancellationToken);
        using var reader = new StreamReader(stream);
        var login = await reader.ReadLineAsync(cancellationToken);
        var pong = await reader.ReadLineAsync(cancellationToken);
        return (login, pong) is ("+OK", "+PONG")
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"Redis answered {login} {pong}");
    }
}
