using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>A route as it is mapped.</summary>
public sealed record ApiRoute(string Method, string Path, Scope? Scope);

/// <summary>A service's OpenAPI document beside the routes that the service has.</summary>
public sealed class ApiDocument
{
    private ApiDocument(JsonElement root, IReadOnlyList<ApiRoute> routes)
    {
        Root = root;
        Routes = routes;
    }

    public JsonElement Root { get; }

    /// <summary>Health probes, metrics, the document itself and the page that shows it are no part of the API.</summary>
    public IReadOnlyList<ApiRoute> Routes { get; }

    public static async Task<ApiDocument> ReadAsync(HttpClient client, IServiceProvider services) => new(
        await client.OkAsync("/openapi/v1.json"),
        [
            .. services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.RoutePattern.RawText is { } path
                    && !path.StartsWith("/health", StringComparison.Ordinal)
                        && !path.StartsWith("/alive", StringComparison.Ordinal)
                    && !path.StartsWith("/metrics", StringComparison.Ordinal)
                    && !path.StartsWith("/openapi", StringComparison.Ordinal)
                        && !path.StartsWith("/docs", StringComparison.Ordinal))
                .SelectMany(
                    endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(method => new ApiRoute(
                    method,
                    endpoint.RoutePattern.RawText!.Replace(
                        ":guid", "", StringComparison.Ordinal) is { Length: > 1 } path ? path.TrimEnd('/') : "/",
                    endpoint.Metadata.GetMetadata<Scope>()))),
        ]);

    /// <summary>The same document with the routes under a path alone.</summary>
    public ApiDocument Under(params string[] paths) =>
        new(Root, [.. Routes.Where(route => paths.Any(path => route.Path.StartsWith(path, StringComparison.Ordinal)))]);

    public JsonElement Operation(string method, string path)
    {
        Assert.True(Root.GetProperty("paths").TryGetProperty(path, out var item), $"{path} is in the document");
        return item.GetProperty(method.ToLowerInvariant());
    }

    /// <summary>Every route is there with its scope, and with words for itself and each query parameter.</summary>
    public void AssertDescribesEveryRoute()
    {
        Assert.NotEmpty(Routes);
        foreach (var (method, path, scope) in Routes)
        {
            var operation = Operation(method, path);
            var asked = operation.TryGetProperty("security", out var security)
                ? security.EnumerateArray().Single().GetProperty("bearer").EnumerateArray().Single().GetString()
                : null;
            Assert.True(scope?.Name == asked, $"{method} {path} asks for {scope?.Name} and is documented with {asked}");
            Assert.False(string.IsNullOrEmpty(operation.GetProperty("summary").GetString()), $"{method} {path} has a summary");
            Assert.All(
                operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray()
                    .Where(parameter => parameter.GetProperty("in").GetString() == "query") : [],
                parameter => Assert.True(parameter.TryGetProperty("description", out _), $"{method} {path}: {parameter}"));
        }

        var scheme = Root.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        Assert.All(
            Scope.All, known =>
                Assert.Contains(known.Name, scheme.GetProperty("description").GetString(), StringComparison.Ordinal));
    }

    /// <summary>No request is answered with a status that the document does not state, and it states what must be.</summary>
    /// <param name="provoke">Requests that make no sense in each of the ways that a route may answer to.</param>
    /// <param name="expected">The statuses that a route must state.</param>
    public async Task AssertStatesEveryAnswerAsync(
        IReadOnlyList<HttpClient> clients, Func<ApiRoute, IEnumerable<HttpRequestMessage>> provoke,
        Func<ApiRoute, IEnumerable<int>> expected)
    {
        var failures = new List<string>();
        foreach (var route in Routes)
        {
            var stated = Operation(route.Method, route.Path).GetProperty("responses").EnumerateObject()
                .Select(answer => int.Parse(answer.Name)).ToHashSet();
            foreach (var client in clients)
            {
                foreach (var request in provoke(route))
                {
                    using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
                    if (!stated.Contains((int)answer.StatusCode))
                    {
                        failures.Add(
                            $"{route.Method} {request.RequestUri} is answered {(int)answer.StatusCode}; stated are "
                                + $"{string.Join(", ", stated)}");
                    }

                    request.Dispose();
                }
            }

            failures.AddRange(
                expected(route).Except(stated).Select(status => $"{route.Method} {route.Path} does not state {status}"));
        }

        Assert.Empty(failures);
    }
}
