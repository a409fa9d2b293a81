using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>Calls of the operator API and their JSON.</summary>
public static class OperatorCalls
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<(HttpStatusCode Status, JsonElement Body)> CallAsync(
        this HttpClient client, string path, object? body = null)
    {
        using var answer = body is null
            ? await client.GetAsync(path, Cancellation)
            : await client.PostAsJsonAsync(path, body, Cancellation);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)));
    }

    public static async Task<JsonElement> OkAsync(this HttpClient client, string path)
    {
        var (status, body) = await client.CallAsync(path);
        Assert.True(status == HttpStatusCode.OK, $"{path} is answered {status}: {body}");
        return body;
    }

    public static IReadOnlyList<string> Values(this JsonElement list, string member) =>
        [.. list.GetProperty("data").EnumerateArray().Select(item => item.GetProperty(member).GetString()!)];

    public static string? Cursor(this JsonElement list) => list.GetProperty("next_cursor").GetString();

    public static IReadOnlyList<string> Fields(this JsonElement problem) =>
        [.. problem.GetProperty("errors").EnumerateObject().Select(field => field.Name)];
}
