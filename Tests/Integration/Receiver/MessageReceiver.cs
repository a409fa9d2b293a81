using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>A Receiver with a source of phone messages, <c>phone</c>, beside the others.</summary>
public sealed class MessageReceiver(TestStack stack) : IAsyncLifetime
{
    private static readonly JsonSerializerOptions Plain = JsonSerializerOptions.Default;

    private ServiceHost<SourceCatalog> _receiver = null!;

    public string Database { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>A number that no other test uses.</summary>
    public static string NewNumber() => $"+49{RandomNumberGenerator.GetInt32(int.MaxValue):D10}";

    public async ValueTask InitializeAsync()
    {
        Database = await stack.NewDatabaseAsync();
        _receiver = await Services.ReceiverAsync(
            Database,
            await stack.RedisAsync(),
            ("Webhooks:Sources:phone:Scheme", "messages"),
            ("Webhooks:Sources:phone:Secrets:0:Key", "WEBHOOK_SECRET_MESSAGES"),
            ("Webhooks:Sources:phone:Payload", "phone-message"));
        Client = _receiver.NewClient();
    }

    public Task<Answer> PostAsync(
        string from, string? id = null, string ts = "2025-12-07T10:30:00Z", string? text = "Hello", string to = "+14155552672") =>
        PostBodyAsync(JsonSerializer.Serialize(new { message_id = id ?? Delivery.NewId(), from, to, ts, text }, Plain));

    public Task<Answer> PostBodyAsync(string body) =>
        Client.PostAsync(Delivery.Signed("messages", "unused", Encoding.UTF8.GetBytes(body), path: "/webhooks/phone"));

    public async Task<JsonElement> GetAsync(string path) =>
        JsonElement.Parse(await Client.GetStringAsync(path, TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }
    }
}
