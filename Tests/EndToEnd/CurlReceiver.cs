using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>A Receiver as it is set up for Development, with the documents' secrets.</summary>
public sealed class CurlReceiver : IAsyncDisposable
{
    // As each sender has it.
    public const string MessagesSecret = "testsecret";
    public const string OtherMessagesSecret = "mysecret123";
    public const string AgentSecret = "dev-shared-secret-change-me";
    public const string ProviderSecret = "dev_secret_change_me";

    private static readonly (string Key, string Value)[] Secrets =
    [
        ("WEBHOOK_SECRET_MESSAGES", MessagesSecret), ("WEBHOOK_SECRET_AGENT", AgentSecret),
        ("WEBHOOK_SECRET_PROVIDER", ProviderSecret), ("WEBHOOK_SECRET", OtherMessagesSecret),
    ];

    private readonly ServiceHost<SourceCatalog> _host;

    private CurlReceiver(ServiceHost<SourceCatalog> host, string database)
    {
        _host = host;
        Database = database;
    }

    public string Database { get; }

    public int Port => _host.Address.Port;

    public HttpClient NewClient() => _host.NewClient();

    /// <summary>Starts it.</summary>
    /// <param name="through">The database's connection string, where it goes another way than straight.</param>
    public static async Task<CurlReceiver> StartAsync(TestStack stack, string database, string? through = null) =>
        new(await Services.ReceiverAsync(through ?? database, await stack.RedisAsync(), Secrets), database);

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
