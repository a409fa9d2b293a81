using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Webhooks.Api;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>Reads the Receiver's <c>GET /events</c>.</summary>
public static class ReceiverEvents
{
    private static readonly JsonSerializerOptions Json = new(
        JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task<IReadOnlyList<EventView>> ReadAsync(HttpClient receiver)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?limit=200");
        request.Headers.Authorization = new("Bearer", OperatorToken.Read);
        using var answer = await receiver.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Page<EventView>>(Json, TestContext.Current.CancellationToken))!.Data;
    }

    /// <summary>Waits for an event that is as wanted.</summary>
    public static Task<EventView> WaitAsync(HttpClient receiver, string what, Func<EventView, bool> wanted) =>
        Eventually.GetAsync(what, async () => (await ReadAsync(receiver)).FirstOrDefault(wanted));
}
