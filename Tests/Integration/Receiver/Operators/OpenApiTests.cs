using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Operators;

public sealed class OpenApiTests(TestStack stack, SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Health probes and the document itself are no part of the API.
    private IReadOnlyList<(string Method, string Path, Scope? Scope)> Routes =>
    [
        .. receiver.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText is { } path
                && !path.StartsWith("/health", StringComparison.Ordinal) && !path.StartsWith("/alive", StringComparison.Ordinal)
                && !path.StartsWith("/openapi", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(method => (
                method,
                endpoint.RoutePattern.RawText!.Replace(":guid", "", StringComparison.Ordinal) is { Length: > 1 } path ? path.TrimEnd('/') : "/",
                endpoint.Metadata.GetMetadata<Scope>()))),
    ];

    [Fact]
    public async Task Every_route_is_in_the_document_and_operators_routes_alone_ask_for_a_token()
    {
        var document = await DocumentAsync();

        Assert.NotEmpty(Routes);
        foreach (var (method, path, scope) in Routes)
        {
            var operation = Operation(document, method, path);
            var asked = operation.TryGetProperty("security", out var security)
                ? security.EnumerateArray().Single().GetProperty("bearer").EnumerateArray().Single().GetString()
                : null;
            Assert.True(scope?.Name == asked, $"{method} {path} asks for {scope?.Name} and is documented with {asked}");
            Assert.False(string.IsNullOrEmpty(operation.GetProperty("summary").GetString()), $"{method} {path} has a summary");
            Assert.All(
                operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == "query") : [],
                parameter => Assert.True(parameter.TryGetProperty("description", out _), $"{method} {path}: {parameter}"));
        }

        var scheme = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        Assert.Contains("events:write", scheme.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_route_is_answered_with_statuses_that_the_document_states()
    {
        var document = await DocumentAsync();
        using var reader = new HttpClient { BaseAddress = receiver.Address }.With(OperatorToken.Read);
        using var stranger = new HttpClient { BaseAddress = receiver.Address }.With(OperatorToken.Create());
        var failures = new List<string>();
        foreach (var (method, path, scope) in Routes)
        {
            var stated = Operation(document, method, path).GetProperty("responses").EnumerateObject().Select(answer => int.Parse(answer.Name)).ToHashSet();
            foreach (var client in new[] { receiver.Client, stranger, reader, receiver.Operator })
            {
                foreach (var request in Provocations(method, path))
                {
                    using var answer = await client.SendAsync(request, Cancellation);
                    if (!stated.Contains((int)answer.StatusCode))
                    {
                        failures.Add($"{method} {request.RequestUri} is answered {(int)answer.StatusCode}; stated are {string.Join(", ", stated)}");
                    }

                    request.Dispose();
                }
            }

            IEnumerable<int> expected = scope is null ? [] : [401, 403, 500];
            expected = method == "POST" && path != "/replays/{id}/cancel" ? [.. expected, 400, 413, 415] : expected;
            expected = path.Contains("{id}", StringComparison.Ordinal) ? [.. expected, 404] : expected;
            expected = path == "/webhooks/{source}" && method == "POST" ? [200, 202, 400, 401, 404, 408, 413, 415, 422, 429, 503] : expected;
            failures.AddRange(expected.Except(stated).Select(status => $"{method} {path} does not state {status}"));
        }

        Assert.Empty(failures);
    }

    [Fact]
    public async Task Bodies_parameters_and_answers_are_documented_with_the_names_that_travel()
    {
        var document = await DocumentAsync();

        var names = Operation(document, "GET", "/events").GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString());
        Assert.Equal(
            ["cursor", "delivery_id", "limit", "since", "source", "state", "type", "until"], names.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Contains("per_second", Operation(document, "POST", "/replays").GetProperty("requestBody").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("\"next_cursor\"", document.GetProperty("components").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("X-Hub-Signature-256", Operation(document, "POST", "/webhooks/{source}").GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_is_there_in_production_without_a_token()
    {
        await using var production = await Stack.Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("environment", "Production"), ("Webhooks:Sources:github:Scheme", "github"));
        using var client = production.NewClient();

        Assert.StartsWith("3.", (await client.OkAsync("/openapi/v1.json")).GetProperty("openapi").GetString(), StringComparison.Ordinal);
    }

    // What makes no sense in each of the ways that a route may answer to.
    private static IEnumerable<HttpRequestMessage> Provocations(string method, string path)
    {
        var url = path.Replace("{id}", None, StringComparison.Ordinal).Replace("{source}", "github", StringComparison.Ordinal);
        yield return new(new(method), url);
        yield return new(new(method), $"{url}?limit=0&since=x&cursor=x");
        yield return new(new(method), path.Replace("{id}", None, StringComparison.Ordinal).Replace("{source}", "nobody", StringComparison.Ordinal));
        if (method != "POST")
        {
            yield break;
        }

        foreach (var body in new[] { "", "{", "{}", """{"reason":"why"}""", """{"unknown":1}""", """{"filter":{"type":"none"},"dry_run":true}""" })
        {
            yield return new(HttpMethod.Post, url) { Content = Delivery.Json(body) };
        }

        yield return new(HttpMethod.Post, url) { Content = new StringContent("text") };

        // Not sent before the server asks for it: a refusal without that closes the connection.
        yield return new(HttpMethod.Post, url) { Content = Delivery.Json(new string('x', 100_000)), Headers = { ExpectContinue = true } };
    }

    private async Task<JsonElement> DocumentAsync() => await receiver.Client.OkAsync("/openapi/v1.json");

    private static JsonElement Operation(JsonElement document, string method, string path)
    {
        Assert.True(document.GetProperty("paths").TryGetProperty(path, out var item), $"{path} is in the document");
        return item.GetProperty(method.ToLowerInvariant());
    }
}
