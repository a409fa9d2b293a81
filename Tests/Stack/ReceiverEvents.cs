using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Events;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>Reads the Receiver's <c>GET /events</c>.</summary>
public static class ReceiverEvents
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task<IReadOnlyList<EventView>> ReadAsync(HttpClient receiver) =>
        (await receiver.GetFromJsonAsync<EventList>("/events?limit=200", Json, TestContext.Current.CancellationToken))!.Data;

    /// <summary>Waits for an event that is as wanted.</summary>
    public static Task<EventView> WaitAsync(HttpClient receiver, string what, Func<EventView, bool> wanted) =>
        Eventually.GetAsync(what, async () => (await ReadAsync(receiver)).FirstOrDefault(wanted));
}
