using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>What operators and merchants are answered while Postgres is away.</summary>
public sealed class OperatorOutageTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/events", "events:read")]
    [InlineData("GET", "/replays", "events:read")]
    public Task The_Receiver_asks_to_come_again(string method, string path, string scope) =>
        AssertAsync(method, path, scope, (database, redis) => Services.ReceiverAsync(database, redis));

    [Theory]
    [InlineData("GET", "/tasks", "events:read")]
    public Task The_Worker_asks_to_come_again(string method, string path, string scope) =>
        AssertAsync(method, path, scope, (database, redis) => Services.WorkerAsync(database, redis));

    [Theory]
    [InlineData("GET", "/api/v1/webhooks", "webhooks:read")]
    [InlineData("GET", "/api/v1/messages", "webhooks:read")]
    [InlineData("POST", "/api/v1/messages", "messages:write")]
    public Task The_Sender_asks_to_come_again(string method, string path, string scope) =>
        AssertAsync(method, path, scope, (database, redis) => Services.SenderAsync(database, redis));

    private async Task AssertAsync<T>(
        string method, string path, string scope, Func<string, string, Task<ServiceHost<T>>> startAsync)
        where T : class
    {
        var database = await stack.NewDatabaseAsync();
        await using var relay = new Relay(new NpgsqlConnectionStringBuilder(database).Port);
        await using var host = await startAsync(Services.ThroughPort(database, relay.Port), await stack.RedisAsync());
        using var caller = host.NewClient().With(OperatorToken.Of("m", scope));
        Assert.True((await SendAsync(caller, method, path)).IsSuccessStatusCode);

        relay.Cut();
        using var during = await SendAsync(caller, method, path);
        var (isReady, isAlive) = (await IsUpAsync(caller, "ready"), await IsUpAsync(caller, "live"));
        relay.Restore();

        Assert.Equal((false, true), (isReady, isAlive));

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), (during.StatusCode, during.Headers.RetryAfter?.Delta));
        var problem = JsonElement.Parse(await during.Content.ReadAsStringAsync(Cancellation));
        string[] members = ["status", "title", "trace_id", "type"];
        Assert.Equal(
            members, problem.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
        await Eventually.HoldsAsync("it answers again", async () => (await SendAsync(caller, method, path)).IsSuccessStatusCode);
        await Eventually.HoldsAsync("it is ready again", () => IsUpAsync(caller, "ready"));
    }

    private static async Task<bool> IsUpAsync(HttpClient client, string probe)
    {
        using var answer = await client.GetAsync($"/health/{probe}", Cancellation);
        return answer.IsSuccessStatusCode;
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path)
    {
        var request = new HttpRequestMessage(new(method), path);
        if (method == "POST")
        {
            request.Content = new StringContent("""{"event_type":"invoice.paid","payload":{}}""", new MediaTypeHeaderValue("application/json"));
        }

        return client.SendAsync(request, Cancellation);
    }
}
