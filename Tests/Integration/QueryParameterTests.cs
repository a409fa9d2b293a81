using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>A query parameter that a route does not have is never ignored: a misspelt filter would find everything.</summary>
public sealed class QueryParameterTests(TestStack stack)
{
    private const string None = "00000000-0000-0000-0000-000000000000";
    private const string Scopes =
        "events:write events:erase audit:read tasks:approve webhooks:write messages:write portal:write admin";

    // What somebody might take for a filter, and what nobody would.
    private static readonly string[] Unknown =
        ["type", "status", "event_type", "webhook_id", "endpoint", "page", "sort", "q", "x", "limit\u00e9", "__proto__"];

    [Theory]
    [InlineData("receiver")]
    [InlineData("worker")]
    [InlineData("sender")]
    public async Task Each_route_answers_400_to_any_parameter_that_its_document_does_not_name_and_names_those(string service)
    {
        await using var host = await StartAsync(service);
        using var client = new HttpClient { BaseAddress = host.Address }.With(OperatorToken.Of("somebody", Scopes));
        var document = await client.OkAsync("/openapi/v1.json");
        var routes = 0;
        foreach (var (method, path, operation) in Operations(document).Where(route => !IsIntake(route.Path)))
        {
            routes++;
            string[] known = [.. Parameters(operation)];
            foreach (var name in Unknown.Except(known, StringComparer.Ordinal))
            {
                var error = await ErrorAsync(client, method, $"{path}?{name}=x", name);
                Assert.All(known, parameter => Assert.Contains(parameter, error, StringComparison.Ordinal));
                Assert.StartsWith("There is no such parameter", error, StringComparison.Ordinal);
            }

            foreach (var name in known)
            {
                var error = await ErrorAsync(client, method, $"{path}?{name}=x&{name}=y", name);
                Assert.Equal($"{name} is given once.", error);
                var (_, problem) = await SendAsync(client, method, $"{path}?{name.ToUpperInvariant()}=x");
                Assert.DoesNotContain("no such parameter", problem.ToString(), StringComparison.Ordinal);
            }

            Assert.True(operation.GetProperty("responses").TryGetProperty("400", out _), $"{method} {path} does not state 400");
        }

        Assert.InRange(routes, 7, 100);
    }

    [Theory]
    [InlineData("receiver", "/events?type=push", "type", "event_type")]
    [InlineData("receiver", "/events?status=buried", "status", "state")]
    [InlineData("receiver", "/messages?sender=x", "sender", "from")]
    [InlineData("worker", "/tasks?status=buried", "status", "state")]
    [InlineData("sender", "/api/v1/deliveries?status=failed", "status", "state")]
    [InlineData("sender", "/api/v1/deliveries?webhook_id=x", "webhook_id", "endpoint_id")]
    public async Task What_was_ignored_is_refused_and_the_right_name_is_told(
        string service, string path, string unknown, string right)
    {
        await using var host = await StartAsync(service);
        using var client = new HttpClient { BaseAddress = host.Address }.With(OperatorToken.Of("somebody", Scopes));

        Assert.Contains(right, await ErrorAsync(client, "get", path, unknown), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("receiver")]
    [InlineData("worker")]
    [InlineData("sender")]
    public async Task Each_list_is_data_and_the_cursor_of_the_next_page(string service)
    {
        await using var host = await StartAsync(service);
        using var client = new HttpClient { BaseAddress = host.Address }.With(OperatorToken.Of("somebody", Scopes));
        var lists = 0;

        // /messages has the shape of its own document: data and total.
        foreach (var (_, path, operation) in Operations(await client.OkAsync("/openapi/v1.json"))
            .Where(route => route is { Method: "get", Path: not "/messages" } && !IsIntake(route.Path)))
        {
            if (operation.GetProperty("summary").GetString()!.StartsWith("List ", StringComparison.Ordinal))
            {
                lists++;
                var list = await client.OkAsync(path);
                Assert.Equal(
                    ["data", "next_cursor"], list.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
            }
        }

        Assert.InRange(lists, 3, 100);
    }

    // A provider's URL may carry parameters of the provider's.
    private static bool IsIntake(string path) => path.StartsWith("/webhook", StringComparison.Ordinal);

    private static IEnumerable<(string Method, string Path, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select (operation.Name, path.Name, operation.Value);

    private static IEnumerable<string> Parameters(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == "query")
                .Select(parameter => parameter.GetProperty("name").GetString()!)
            : [];

    private static async Task<string> ErrorAsync(HttpClient client, string method, string path, string name)
    {
        var (status, problem) = await SendAsync(client, method, path);
        Assert.True(status == HttpStatusCode.BadRequest, $"{method} {path} is answered {status}: {problem}");
        return problem.GetProperty("errors").GetProperty(name)[0].GetString()!;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new(method), path.Replace("{id}", None, StringComparison.Ordinal));
        request.Content = method is "post" or "patch" ? Delivery.Json("{}") : null;
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    private async Task<Host> StartAsync(string service)
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await stack.RedisAsync());
        return service switch
        {
            "receiver" => Of(await Services.ReceiverAsync(database, redis)),
            "worker" => Of(await Services.WorkerAsync(database, redis)),
            _ => Of(await Services.SenderAsync(database, redis)),
        };

        static Host Of<TMarker>(ServiceHost<TMarker> host)
            where TMarker : class => new(host, host.Address);
    }

    private sealed record Host(IAsyncDisposable Service, Uri Address) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }
}
