using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

public sealed class EndpointDocumentTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    [Fact]
    public async Task Every_route_about_endpoints_is_in_the_document_and_answers_with_statuses_that_it_states()
    {
        using var stranger = api.NewClient();
        using var reader = api.Of(EndpointApi.NewMerchant(), "webhooks:read");
        using var writer = api.Of(EndpointApi.NewMerchant());
        using var administrator = api.Administrator();
        var document = (await ApiDocument.ReadAsync(stranger, api.Services))
            .Under(EndpointApi.Path, EndpointApi.Admin, "/api/v1/event-types");

        document.AssertDescribesEveryRoute();
        await document.AssertStatesEveryAnswerAsync(
            [stranger, reader, writer, administrator], Provocations, route => (route.Method, route.Path) switch
        {
            ("POST", EndpointApi.Path) => [201, 400, 401, 403, 409, 413, 415, 422, 429, 500],
            ("PATCH", _) => [200, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500],
            ("DELETE", _) => [204, 401, 403, 404, 500],
            ("POST", $"{EndpointApi.Path}/{{id}}/recover") => [400, 401, 403, 404, 413, 415, 500],
            ("POST", $"{EndpointApi.Path}/{{id}}/ping") => [200, 401, 403, 404, 409, 429, 500],
            ("POST", $"{EndpointApi.Admin}/restore/resume") => [200, 400, 401, 403, 413, 415, 500],
            ("POST", _) => [200, 400, 401, 403, 404, 409, 413, 415, 500],
            (_, $"{EndpointApi.Admin}/restore") => [200, 401, 403, 500],
            (_, "/api/v1/event-types") => [200, 401, 403, 500],
            (_, $"{EndpointApi.Path}/{{id}}") => [200, 401, 403, 404, 500],
            _ => [200, 400, 401, 403, 500],
        });
        var schemas = document.Root.GetProperty("components").GetProperty("schemas").GetRawText();
        Assert.All(
            ["public_key", "disabled_reason", "held_until", "success_rate"], name =>
                Assert.Contains($"\"{name}\"", schemas, StringComparison.Ordinal));
        Assert.Contains("on the public internet", Body(document, "POST", EndpointApi.Path), StringComparison.Ordinal);
        Assert.Contains(
            "\"overlap_seconds\"", Body(document, "POST", $"{EndpointApi.Path}/{{id}}/rotate-secret"), StringComparison.Ordinal);
        var change = Body(document, "PATCH", $"{EndpointApi.Path}/{{id}}");
        Assert.Contains("\"rate_limit\"", change, StringComparison.Ordinal);
        Assert.DoesNotContain("changes", change, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Types_of_events_are_listed_with_what_they_mean()
    {
        using var reader = api.Of(EndpointApi.NewMerchant(), "webhooks:read");

        var types = (await reader.OkAsync("/api/v1/event-types")).GetProperty("data").EnumerateArray()
            .ToDictionary(type => type.Text("name")!, type => type.Text("description"), StringComparer.Ordinal);

        Assert.All(
            ["endpoint.disabled", "invoice.paid", "payment.failed", "payment.refunded", "payment.succeeded", "task.completed"],
            name => Assert.NotEmpty(types[name]!));
    }

    private static string Body(ApiDocument document, string method, string path) =>
        document.Operation(method, path).GetProperty("requestBody").GetRawText();

    private static IEnumerable<HttpRequestMessage> Provocations(ApiRoute route)
    {
        var (method, path) = (new HttpMethod(route.Method), route.Path.Replace("{id}", None, StringComparison.Ordinal));
        yield return new(method, path);
        yield return new(method, $"{path}?limit=0&since=x&cursor=x&state=x&merchant_id=&disabled_reason=x");
        if (route.Method is not ("POST" or "PATCH"))
        {
            yield break;
        }

        foreach (var body in new[]
        {
            "", "{", "{}", "[]", """{"unknown":1}""", """{"reason":"why"}""", """{"overlap_seconds":-1}""", """{"url":"http://example.com/"}""", """{"url":"https://10.0.0.1/"}""",
        })
        {
            yield return new(method, path) { Content = Delivery.Json(body) };
        }

        yield return new(method, path) { Content = new StringContent("text") };

        // Not sent before the server asks for it: a refusal without that closes the connection.
        yield return new(method, path) { Content = Delivery.Json(new string('x', 100_000)), Headers = { ExpectContinue = true } };
    }
}
