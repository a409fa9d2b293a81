using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>Calls of the endpoints' API.</summary>
internal static class EndpointCalls
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Sends any method. The body of an answer without one is undefined.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        this HttpClient client, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await client.SendAsync(request, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    /// <summary>Makes an endpoint that answers.</summary>
    public static Task<JsonElement> CreateAsync(this HttpClient client, Uri url) => client.CreateAsync(new { url });

    public static async Task<JsonElement> CreateAsync(this HttpClient client, object body)
    {
        var (status, created) = await client.SendAsync(HttpMethod.Post, EndpointApi.Path, body);
        Assert.True(status == HttpStatusCode.Created, $"{status}: {created}");
        return created;
    }

    public static async Task<JsonElement> PatchAsync(this HttpClient client, string id, object body)
    {
        var (status, changed) = await client.SendAsync(HttpMethod.Patch, $"{EndpointApi.Path}/{id}", body);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {changed}");
        return changed;
    }

    public static Task<(HttpStatusCode Status, JsonElement Body)> RemoveAsync(this HttpClient client, string id) =>
        client.SendAsync(HttpMethod.Delete, $"{EndpointApi.Path}/{id}");

    public static string Id(this JsonElement endpoint) => endpoint.Text("id")!;

    public static string? Text(this JsonElement element, string member) => element.GetProperty(member).GetString();

    public static async Task<JsonElement> GetOneAsync(this HttpClient client, string id) =>
        await client.OkAsync($"{EndpointApi.Path}/{id}");
}
