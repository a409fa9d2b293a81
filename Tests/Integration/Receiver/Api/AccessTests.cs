using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

public sealed class AccessTests(TestStack stack, SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    private static readonly byte[] AnotherKey = RandomNumberGenerator.GetBytes(32);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string?> Refused => new()
    {
        { "no token", null },
        { "no bearer", "Basic dXNlcjpwYXNz" },
        { "no value", "Bearer" },
        { "no JWT", "Bearer not-a-token" },
        { "expired", Bearer(OperatorToken.Create(OperatorToken.Scope("events:read"), validFor: TimeSpan.FromHours(-1))) },
        { "not yet valid", Bearer(OperatorToken.Create(OperatorToken.Scope("events:read"), validFor: TimeSpan.FromHours(9))) },
        { "another issuer", Bearer(OperatorToken.Create(OperatorToken.Scope("events:read"), issuer: "somebody")) },
        { "another audience", Bearer(OperatorToken.Create(OperatorToken.Scope("events:read"), audience: "something")) },
        { "another key", Bearer(OperatorToken.Create(OperatorToken.Scope("events:read"), key: AnotherKey)) },
        { "no signature", Bearer(Unsigned(OperatorToken.Read, """{"alg":"none","typ":"JWT"}""")) },
        { "no algorithm", Bearer(Unsigned(OperatorToken.Read, """{"typ":"JWT"}""")) },
        { "a changed scope", Bearer(Changed(OperatorToken.Create(OperatorToken.Scope("nothing")))) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Without_a_valid_token_the_answer_is_401_and_says_nothing(string why, string? authorization)
    {
        foreach (
            var (method, path) in new[] { ("GET", "/events"), ("GET", $"/events/{None}"), ("POST", $"/events/{None}/replay"),
                ("POST", "/replays"), ("GET", "/rejections"), ("GET", "/audit"), ("DELETE", $"/events/{None}/content") })
        {
            using var request = new HttpRequestMessage(new(method), path);
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var answer = await receiver.Client.SendAsync(request, Cancellation);

            Assert.True(
                answer.StatusCode == HttpStatusCode.Unauthorized, $"{why}: {method} {path} is answered {answer.StatusCode}");
            var needed = (method, path) switch
            {
                ("POST", _) => "events:write",
                ("DELETE", _) => "events:erase",
                (_, "/audit") => "audit:read",
                _ => "events:read",
            };
            var scope = $"scope=\"{needed}\"";
            Assert.Equal(
                authorization?.StartsWith("Bearer ", StringComparison.Ordinal) == true
                    ? $"Bearer error=\"invalid_token\", {scope}"
                    : $"Bearer {scope}",
                answer.Headers.WwwAuthenticate.ToString());
            await AssertSaysNothingAsync(answer);
        }
    }

    [Theory]
    [InlineData("scope", "events:read", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("scope", "events:write", HttpStatusCode.OK, HttpStatusCode.NotFound)]
    [InlineData("scope", "openid events:read profile", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("scope", "openid events:write profile", HttpStatusCode.OK, HttpStatusCode.NotFound)]
    [InlineData("scp", "events:read", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("scp", "openid events:write", HttpStatusCode.OK, HttpStatusCode.NotFound)]
    [InlineData("scope", "events", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("scope", "events:reader", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("scope", "EVENTS:READ", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("scope", "", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("role", "events:write", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task The_scope_decides_what_a_token_may_do(
        string claim, string value, HttpStatusCode onRead, HttpStatusCode onWrite)
    {
        using var client = Client(OperatorToken.Create(new(claim, value)));

        Assert.Equal(onRead, (await client.CallAsync("/events?limit=1")).Status);
        Assert.Equal(onWrite, (await client.CallAsync($"/events/{None}/replay", new { reason = "why" })).Status);
    }

    [Fact]
    public async Task Scopes_may_come_as_a_list()
    {
        using var client = Client(OperatorToken.Create(new("scope", new[] { "openid", "events:read" })));

        Assert.Equal(HttpStatusCode.OK, (await client.CallAsync("/events?limit=1")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.CallAsync("/replays", new { all = true, reason = "why" })).Status);
    }

    [Fact]
    public async Task A_read_token_on_a_write_route_is_403_and_learns_nothing_about_what_is_there()
    {
        using var client = Client(OperatorToken.Read);
        var there = await Tables.AddEventAsync(receiver.Database, "{}");
        foreach (var path in new[] { $"/events/{there}/replay", $"/events/{None}/replay", "/replays", $"/replays/{None}/cancel" })
        {
            using var answer = await client.PostAsync(path, content: null, Cancellation);

            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal(
                "Bearer error=\"insufficient_scope\", scope=\"events:write\"", answer.Headers.WwwAuthenticate.ToString());
            await AssertSaysNothingAsync(answer);
        }

        Assert.Equal(1, await Sql.CountAsync(receiver.Database, $"webhooks.jobs where ref_id = '{there}'"));
    }

    [Fact]
    public async Task In_production_without_an_issuer_every_operator_route_is_401_and_intake_works()
    {
        await using var production = await ProductionAsync(NoIssuer);
        using var client = production.NewClient();
        using var withToken = production.NewClient().With(OperatorToken.Write);

        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body))).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await withToken.PostAsync(SignedRequest.GitHub(Delivery.Body))).Status);
        foreach (var caller in new[] { client, withToken })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await caller.CallAsync("/events")).Status);
            Assert.Equal(
                HttpStatusCode.Unauthorized, (await caller.CallAsync("/replays", new { all = true, reason = "why" })).Status);
        }
    }

    [Fact]
    public async Task An_issuer_that_cannot_be_reached_lets_nobody_in_and_leaves_intake_alone()
    {
        await using var production = await ProductionAsync([
            .. NoIssuer, ("Authentication:Schemes:Bearer:Authority", "https://127.0.0.1:9"),
            ("Authentication:Schemes:Bearer:ValidAudiences:0", OperatorToken.Audience)]);
        using var client = production.NewClient().With(OperatorToken.Write);

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.CallAsync("/events")).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body))).Status);
    }

    [Theory]
    [InlineData("https://issuer.example", "ValidAudiences")]
    [InlineData("http://issuer.example", "HTTPS")]
    public async Task An_authority_that_would_let_in_nobody_or_anybody_stops_the_start(string authority, string named)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var production = await ProductionAsync([
                .. NoIssuer, ("Authentication:Schemes:Bearer:Authority", authority),
                ("Authentication:Schemes:Bearer:ValidAudience", named == "HTTPS" ? OperatorToken.Audience : "")]);
        });

        Assert.Contains(named, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_log_line_holds_a_token_or_the_key_that_signs_it()
    {
        var lines = new RecordedLines();
        await using var host = await ServiceHost<SourceCatalog>.StartAsync(
            Stack.Services.Settings(
                await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("Logging:LogLevel:Default", "Trace"),
                ("Logging:LogLevel:Microsoft.AspNetCore", "Trace")),
            services => services.AddLogging(logging => logging.AddProvider(lines)));
        var tokens = new[] { OperatorToken.Read, OperatorToken.Create(key: AnotherKey), OperatorToken.Create(issuer: "somebody"),
            $"{OperatorToken.Read}x" };
        foreach (var token in tokens)
        {
            using var client = host.NewClient().With(token);
            await client.CallAsync("/events");
        }

        Assert.Contains(lines.All, line => line.Contains("Failed to validate the token", StringComparison.Ordinal));
        foreach (
            var part in tokens.SelectMany(token => token.Split('.')).Where(part => part.Length > 30)
                .Append(OperatorToken.Settings["Authentication:Schemes:Bearer:SigningKeys:tests:Value"]))
        {
            Assert.DoesNotContain(lines.All, line => line.Contains(part, StringComparison.Ordinal));
        }
    }

    // Takes away what Services adds for every test.
    private static (string Key, string Value)[] NoIssuer => [.. OperatorToken.Settings.Keys
        .Where(key => !key.EndsWith(":Value", StringComparison.Ordinal))
        .Select(key => (key, key.EndsWith(":Issuer", StringComparison.Ordinal) ? "nobody" : ""))];

    private HttpClient Client(string token) => new HttpClient { BaseAddress = receiver.Address }.With(token);

    private async Task<ServiceHost<SourceCatalog>> ProductionAsync((string Key, string Value)[] settings) =>
        await Stack.Services.ReceiverAsync(
        await stack.NewDatabaseAsync(), await stack.RedisAsync(),
        [("environment", "Production"), ("Webhooks:Sources:github:Scheme", "github"), .. settings]);

    private static string Bearer(string token) => new AuthenticationHeaderValue("Bearer", token).ToString();

    private static string Unsigned(string token, string header) => $"{Encode(header)}.{token.Split('.')[1]}.";

    private static string Changed(string token)
    {
        var parts = token.Split('.');
        var payload = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]));
        return $"{parts[0]}.{Encode(payload.Replace("nothing", "events:read", StringComparison.Ordinal))}.{parts[2]}";
    }

    private static string Encode(string text) =>
        System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(text));

    private static async Task AssertSaysNothingAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(
            ["status", "title", "trace_id", "type"],
            problem.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(32, problem.GetProperty("trace_id").GetString()!.Length);
    }

    private sealed class RecordedLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            All.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
