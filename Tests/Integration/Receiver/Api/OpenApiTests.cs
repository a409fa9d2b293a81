using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

public sealed class OpenApiTests(TestStack stack, SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    [Fact]
    public async Task Every_route_is_in_the_document_and_operators_routes_alone_ask_for_a_token() =>
        (await DocumentAsync()).AssertDescribesEveryRoute();

    [Fact]
    public async Task Every_route_is_answered_with_statuses_that_the_document_states()
    {
        using var reader = new HttpClient { BaseAddress = receiver.Address }.With(OperatorToken.Read);
        using var stranger = new HttpClient { BaseAddress = receiver.Address }.With(OperatorToken.Create());

        await (await DocumentAsync())
            .AssertStatesEveryAnswerAsync([receiver.Client, stranger, reader, receiver.Operator], Provocations, Expected);
    }

    [Fact]
    public async Task Bodies_parameters_and_answers_are_documented_with_the_names_that_travel()
    {
        var document = await DocumentAsync();

        var names = document.Operation("GET", "/events").GetProperty("parameters").EnumerateArray()
            .Select(parameter => parameter.GetProperty("name").GetString());
        Assert.Equal(
            ["cursor", "delivery_id", "event_type", "limit", "since", "source", "state", "until"],
            names.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Contains(
            "per_second", document.Operation("POST", "/replays").GetProperty("requestBody").GetRawText(),
            StringComparison.Ordinal);
        var components = document.Root.GetProperty("components").GetRawText();
        Assert.Contains("\"next_cursor\"", components, StringComparison.Ordinal);
        Assert.Contains("The W3C trace id of its processing from receipt to delivery.", components, StringComparison.Ordinal);
        Assert.Contains(
            "X-Hub-Signature-256", document.Operation("POST", "/webhooks/{source}").GetProperty("description").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_is_there_in_production_without_a_token()
    {
        await using var production = await Stack.Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("environment", "Production"),
            ("Webhooks:Sources:github:Scheme", "github"));
        using var client = production.NewClient();

        Assert.StartsWith(
            "3.", (await client.OkAsync("/openapi/v1.json")).GetProperty("openapi").GetString(), StringComparison.Ordinal);
    }

    private static IEnumerable<int> Expected(ApiRoute route)
    {
        var (method, path, scope) = route;
        IEnumerable<int> expected = scope is null ? [] : [401, 403, 500];
        expected = method == "POST" && path != "/replays/{id}/cancel" ? [.. expected, 400, 413, 415] : expected;
        expected = path.Contains("{id}", StringComparison.Ordinal) ? [.. expected, 404] : expected;
        return path == "/webhooks/{source}" && method == "POST"
            ? [200, 202, 400, 401, 404, 408, 413, 415, 422, 429, 503]
            : expected;
    }

    private static IEnumerable<HttpRequestMessage> Provocations(ApiRoute route)
    {
        var (method, path, _) = route;
        var url = path.Replace("{id}", None, StringComparison.Ordinal).Replace("{source}", "github", StringComparison.Ordinal);
        yield return new(new(method), url);
        yield return new(new(method), $"{url}?limit=0&since=x&cursor=x");
        yield return new(
            new(method),
            path.Replace("{id}", None, StringComparison.Ordinal).Replace("{source}", "nobody", StringComparison.Ordinal));
        if (method != "POST")
        {
            yield break;
        }

        foreach (var body in new[] { "", "{", "{}", """{"reason":"why"}""", """{"unknown":1}""", """{"filter":{"event_type":"none"},"dry_run":true}""" })
        {
            yield return new(HttpMethod.Post, url) { Content = Delivery.Json(body) };
        }

        yield return new(HttpMethod.Post, url) { Content = new StringContent("text") };

        // Not sent before the server asks for it: a refusal without that closes the connection.
        yield return new(
            HttpMethod.Post, url) { Content = Delivery.Json(new string('x', 100_000)), Headers = { ExpectContinue = true } };
    }

    private Task<ApiDocument> DocumentAsync() => ApiDocument.ReadAsync(receiver.Client, receiver.Services);
}
