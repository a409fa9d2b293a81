using System.Net;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker.Api;

public sealed class AccessTests(SharedWorker worker) : IClassFixture<SharedWorker>
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    private static readonly string Hash = new('0', 64);

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    [InlineData("events:read", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("events:write", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("tasks:approve", HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    [InlineData("tasks:approve events:read", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("tasks:write", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("tasks", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task The_scope_decides_what_a_token_may_do(string? scope, HttpStatusCode onTasks, HttpStatusCode onApprovals)
    {
        using var client = worker.NewClient();
        if (scope is not null)
        {
            client.With(OperatorToken.Create(OperatorToken.Scope(scope)));
        }

        var decided = onApprovals == HttpStatusCode.OK ? HttpStatusCode.NotFound : onApprovals;
        Assert.Equal(onTasks, (await client.CallAsync("/tasks?limit=1")).Status);
        Assert.Equal(
            onTasks == HttpStatusCode.OK ? HttpStatusCode.NotFound : onTasks, (await client.CallAsync($"/tasks/{None}")).Status);
        Assert.Equal(onApprovals, (await client.CallAsync("/approvals?limit=1")).Status);
        Assert.Equal(decided, (await client.CallAsync($"/approvals/{None}/grant", new { arguments_sha256 = Hash })).Status);
        Assert.Equal(
            decided,
            (await client.CallAsync($"/approvals/{None}/refuse", new { arguments_sha256 = Hash, reason = "why" })).Status);
    }

    [Fact]
    public async Task Every_route_is_in_the_document_and_answers_with_statuses_that_it_states()
    {
        var document = await ApiDocument.ReadAsync(worker.Client, worker.Services);
        document.AssertDescribesEveryRoute();

        await document.AssertStatesEveryAnswerAsync(
            [worker.Client, worker.Reader, worker.Approver], Provocations, route => route switch
        {
            { Path: "/playbooks" or "/queue" } => [401, 403, 500],
            { Path: "/playbooks/dry-run" } => [400, 401, 403, 404, 413, 415, 500],
            { Method: "POST" } => [400, 401, 403, 404, 409, 413, 415, 500],
            _ => [401, 403, 500, route.Path.Contains("{id}", StringComparison.Ordinal) ? 404 : 400],
        });
        Assert.Contains("awaiting_approval", document.Operation("GET", "/tasks").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("granted", document.Operation("GET", "/approvals").GetRawText(), StringComparison.Ordinal);
        Assert.Contains(
            "arguments_sha256", document.Operation("POST", "/approvals/{id}/grant").GetProperty("requestBody").GetRawText(),
            StringComparison.Ordinal);
    }

    private static IEnumerable<HttpRequestMessage> Provocations(ApiRoute route)
    {
        var url = route.Path.Replace("{id}", None, StringComparison.Ordinal);
        yield return new(new(route.Method), url);
        yield return new(new(route.Method), $"{url}?limit=0&since=x&cursor=x&state=x");
        if (route.Method != "POST")
        {
            yield break;
        }

        foreach (var body in new[] { "", "{", "{}", """{"unknown":1}""", $$"""{"arguments_sha256":"{{Hash}}","reason":"why"}""" })
        {
            yield return new(HttpMethod.Post, url) { Content = Delivery.Json(body) };
        }

        yield return new(HttpMethod.Post, url) { Content = new StringContent("text") };
        yield return new(
            HttpMethod.Post, url) { Content = Delivery.Json(new string('x', 100_000)), Headers = { ExpectContinue = true } };
    }
}
