using System.Collections.Concurrent;
using System.Net;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>Postgres with tokens in place of a password, from the endpoint that Azure gives to a managed identity.</summary>
public sealed class EntraLoginTests
{
    private const string Role = "id-webhooks";

    [Fact]
    public async Task A_service_logs_in_with_a_token_and_with_the_next_one_when_it_has_changed()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "Postgres runs as a container here.");
        await using var postgres = await PostgresServer.StartAsync();
        await using var tokens = await TokenServer.StartAsync("first-token");
        await Sql.ExecuteAsync(postgres.ConnectionString, $"""
            create role "{Role}" login password 'first-token';
            alter database webhooks owner to "{Role}";
            """);
        await using var receiver = Start(postgres, tokens);
        using var client = new HttpClient { BaseAddress = await receiver.AddressAsync() };
        await ReadyAsync(client);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(client));

        tokens.Token = "second-token";
        await Sql.ExecuteAsync(postgres.ConnectionString, $"""
            alter role "{Role}" password 'second-token';
            select pg_terminate_backend(pid) from pg_stat_activity where usename = '{Role}';
            """);

        await ReadyAsync(client);
        await Eventually.HoldsAsync(
            "a sender that tries again is accepted", async () => await SendAsync(client) == HttpStatusCode.Accepted);
        Assert.All(tokens.Requests, request => Assert.Equal(
            ("https://ossrdbms-aad.database.windows.net", "client-7", "header-7"),
            (request.Resource, request.ClientId, request.Header)));
        Assert.DoesNotContain("first-token", receiver.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_there_is_no_token_a_service_is_not_ready_and_then_it_is()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "Postgres runs as a container here.");
        await using var postgres = await PostgresServer.StartAsync();
        await using var tokens = await TokenServer.StartAsync(token: null);
        await Sql.ExecuteAsync(postgres.ConnectionString, $"""
            create role "{Role}" login password 'token';
            alter database webhooks owner to "{Role}";
            """);
        await using var receiver = Start(postgres, tokens);
        using var client = new HttpClient { BaseAddress = await receiver.AddressAsync() };
        await receiver.WroteAsync("The schema could not be updated");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(client));

        tokens.Token = "token";

        await ReadyAsync(client);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(client));
    }

    [Fact]
    public async Task A_password_beside_a_token_is_an_error()
    {
        await using var receiver = ServiceProcess.Receiver(
            "Host=127.0.0.1;Password=x", "127.0.0.1:1", ("Webhooks__Storage__Login", "Entra"));

        Assert.NotEqual(0, await receiver.EndedAsync());
        Assert.Contains(
            "ConnectionStrings:webhooks has a password, but Webhooks:Storage:Login is Entra.", receiver.Output,
            StringComparison.Ordinal);
    }

    private static ServiceProcess Start(PostgresServer postgres, TokenServer tokens)
    {
        var connection = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Username = Role, Password = null };
        return ServiceProcess.Receiver(
            connection.ConnectionString, "127.0.0.1:1,abortConnect=false",
            [
                ("Webhooks__Storage__Login", "Entra"), ("AZURE_CLIENT_ID", "client-7"), ("IDENTITY_ENDPOINT", tokens.Url),
                ("IDENTITY_HEADER", "header-7"), ("Webhooks__Intake__MaxWait", "00:01:00"),
                .. Services.Settings("", "").Where(setting => setting.Key.StartsWith("WEBHOOK_SECRET_", StringComparison.Ordinal))
                    .Select(setting => (setting.Key, setting.Value)),
            ]);
    }

    private static Task ReadyAsync(HttpClient client) => Eventually.HoldsAsync(
        "the service is ready", async () => await GetAsync(client) == HttpStatusCode.OK);

    private static async Task<HttpStatusCode> GetAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient client)
    {
        using var request = SignedRequest.GitHub("{}");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    /// <summary>What App Service and Container Apps offer to a process that runs as a managed identity.</summary>
    private sealed class TokenServer(WebApplication app) : IAsyncDisposable
    {
        public string? Token { get; set; }

        public ConcurrentQueue<(string? Resource, string? ClientId, string? Header)> Requests { get; } = [];

        public string Url => $"{app.Urls.Single()}/msi/token";

        public static async Task<TokenServer> StartAsync(string? token)
        {
            var builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var server = new TokenServer(builder.Build()) { Token = token };
            server.Map();
            await server.StartAsync();
            return server;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task StartAsync() => app.StartAsync(TestContext.Current.CancellationToken);

        private void Map() => app.MapGet("/msi/token", (HttpRequest request) =>
        {
            Requests.Enqueue((request.Query["resource"], request.Query["client_id"], request.Headers["X-IDENTITY-HEADER"]));

            // A token that is about to expire is not kept, so that each connection asks again.
            var expires = TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds();
            return Token is null
                ? Results.BadRequest(new { statusCode = 400, message = "no identity" })
                : Results.Json(new
                {
                    access_token = Token, expires_on = $"{expires}", resource = request.Query["resource"].ToString(),
                    token_type = "Bearer", client_id = "client-7",
                });
        });
    }
}
