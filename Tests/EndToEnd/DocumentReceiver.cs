using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>A Receiver with the sources of the documents and a database of its own.</summary>
public sealed class DocumentReceiver : IAsyncDisposable
{
    // As each document's sender has it.
    public const string MessagesSecret = "testsecret";
    public const string OtherMessagesSecret = "mysecret123";
    public const string AgentSecret = "dev-shared-secret-change-me";
    public const string ProviderSecret = "dev_secret_change_me";

    private readonly ServiceHost<SourceCatalog> _host;

    private DocumentReceiver(ServiceHost<SourceCatalog> host, string database)
    {
        _host = host;
        Database = database;
    }

    public string Database { get; }

    public int Port => _host.Address.Port;

    public HttpClient NewClient() => _host.NewClient();

    /// <summary>Starts it.</summary>
    /// <param name="through">The database's connection string, where it goes another way than straight.</param>
    public static async Task<DocumentReceiver> StartAsync(TestStack stack, string database, string? through = null, params (string Key, string Value)[] settings) =>
        new(await Services.ReceiverAsync(through ?? database, await stack.RedisAsync(), [.. Messages, .. Agent, .. Provider, .. settings]), database);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static (string Key, string Value)[] Messages =>
    [
        ("WEBHOOK_SECRET_MESSAGES", MessagesSecret),
        ("OTHER_SECRET", OtherMessagesSecret),
        ("Webhooks:Sources:messages:Scheme", "messages"),
        ("Webhooks:Sources:messages:SecretKeys:0", "WEBHOOK_SECRET_MESSAGES"),
        ("Webhooks:Sources:messages:SecretKeys:1", "OTHER_SECRET"),
        ("Webhooks:Sources:messages:Payload", "phone-message"),
        ("Webhooks:Sources:messages:Path", "/webhook"),
        .. Replies("messages", 200, """{"status":"ok"}""", """{"status":"ok"}"""),
        .. Refusal("messages", "MissingHeader", 401, "invalid signature"),
        .. Refusal("messages", "InvalidSignature", 401, "invalid signature"),
        .. Refusal("messages", "InvalidBody", 422, "invalid body"),
    ];

    private static (string Key, string Value)[] Agent =>
    [
        ("WEBHOOK_SECRET_AGENT", AgentSecret),
        ("Webhooks:Sources:agent:Scheme", "agent"),
        ("Webhooks:Sources:agent:Path", "/webhook"),
        .. Replies("agent", 200, """{"status":"accepted"}""", """{"status":"duplicate-ignored"}"""),
        .. Refusal("agent", "InvalidTimestamp", 401, "missing/invalid timestamp"),
        .. Refusal("agent", "StaleTimestamp", 401, "timestamp outside allowed window"),
        .. Refusal("agent", "InvalidSignature", 401, "bad signature"),
    ];

    // Its replies are those of appsettings.Development.json.
    private static (string Key, string Value)[] Provider => [("WEBHOOK_SECRET_PROVIDER", ProviderSecret)];

    private static (string Key, string Value)[] Replies(string source, int status, string accepted, string duplicate) =>
    [
        ($"Webhooks:Sources:{source}:Replies:Accepted:Status", $"{status}"), ($"Webhooks:Sources:{source}:Replies:Accepted:Body", accepted),
        ($"Webhooks:Sources:{source}:Replies:Duplicate:Status", $"{status}"), ($"Webhooks:Sources:{source}:Replies:Duplicate:Body", duplicate),
    ];

    private static (string Key, string Value)[] Refusal(string source, string refusal, int status, string detail) =>
    [
        ($"Webhooks:Sources:{source}:Replies:Refusals:{refusal}:Status", $"{status}"),
        ($"Webhooks:Sources:{source}:Replies:Refusals:{refusal}:Body", $$"""{"detail":"{{detail}}"}"""),
    ];
}
