using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class MessageDocumentTests(RunningSender sender) : IClassFixture<RunningSender>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    [Fact]
    public async Task Every_route_is_in_the_document_with_its_scope()
    {
        using var client = sender.NewClient();

        (await ApiDocument.ReadAsync(client, sender.Services)).AssertDescribesEveryRoute();
    }

    [Fact]
    public async Task Every_route_about_messages_and_deliveries_is_answered_with_statuses_that_the_document_states()
    {
        using var stranger = sender.NewClient();
        using var nobody = sender.NewClient().With(OperatorToken.Create());
        using var merchant = sender.NewClient("somebody", "messages:write webhooks:write");
        var document = await ApiDocument.ReadAsync(stranger, sender.Services);

        await document.AssertStatesEveryAnswerAsync(
            [stranger, nobody, merchant], route => IsOurs(route) ? Provocations(route) : [], Expected);
    }

    private static bool IsOurs(ApiRoute route) =>
        route.Path.Contains("/messages", StringComparison.Ordinal) || route.Path.Contains("/deliveries", StringComparison.Ordinal)
        || route.Path.EndsWith("/recover", StringComparison.Ordinal);

    private static IEnumerable<int> Expected(ApiRoute route) => !IsOurs(route) ? [] : (route.Method, route.Path) switch
    {
        ("POST", "/api/v1/messages") => [202, 400, 401, 403, 409, 413, 415, 422, 500],
        ("POST", "/api/v1/webhooks/{id}/recover") => [202, 400, 401, 403, 404, 409, 413, 415, 500],
        ("POST", _) => [202, 401, 403, 404, 409, 410, 500],
        ("DELETE", _) => [204, 400, 401, 403, 404, 409, 500],
        (_, var path) when path.EndsWith("{id}", StringComparison.Ordinal) => [200, 401, 403, 404, 500],
        _ => [200, 400, 401, 403, 500],
    };

    private static IEnumerable<HttpRequestMessage> Provocations(ApiRoute route)
    {
        var url = route.Path.Replace("{id}", None, StringComparison.Ordinal);
        yield return new(new(route.Method), url);
        yield return new(new(route.Method), $"{url}?limit=0&since=x&cursor=x&state=x");
        if (route.Method != "POST")
        {
            yield break;
        }

        string[] bodies =
        [
            "", "{", "{}", """{"unknown":1}""", """{"since":"2026-01-01T00:00:00Z"}""", """{"event_type":"nobody.knows","payload":{}}""",
            """{"event_type":"invoice.paid","payload":{}}""", """{"merchant_id":"another","event_type":"invoice.paid","payload":{}}""",
        ];
        foreach (var body in bodies)
        {
            yield return new(HttpMethod.Post, url) { Content = Delivery.Json(body) };
        }

        yield return new(HttpMethod.Post, url) { Content = new StringContent("text") };
        yield return new(
            HttpMethod.Post, url) { Content = Delivery.Json(new string('x', 500_000)), Headers = { ExpectContinue = true } };
    }
}
