using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>One Receiver with a database for the tests of a class, each of which uses delivery ids of its own.</summary>
public sealed class SharedReceiver(TestStack stack) : IAsyncLifetime
{
    private ServiceHost<SourceCatalog> _receiver = null!;

    public string Database { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>The same with a token for everything.</summary>
    public HttpClient Operator { get; private set; } = null!;

    public IServiceProvider Services => _receiver.Services;

    public Uri Address => _receiver.Address;

    public async ValueTask InitializeAsync()
    {
        Database = await stack.NewDatabaseAsync();
        _receiver = await Stack.Services.ReceiverAsync(
            Database,
            await stack.RedisAsync(),
            ("WEBHOOK_SECRET", "second-secret-of-the-provider"),
            ("WEBHOOK_VERIFY_TOKEN_META", "meta-verify-token-for-tests"),
            ("Webhooks:Sources:github:MaxBodyBytes", "20000"),
            ("Webhooks:Sources:by-body:Scheme", "github"),
            ("Webhooks:Sources:by-body:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
            ("Webhooks:Sources:by-body:DeliveryId", "body:/meta/id"),
            ("Webhooks:Sources:by-body:EventType", "body:/meta/type"));
        Client = _receiver.NewClient();
        Operator = _receiver.NewClient().With(OperatorToken.Write);
    }

    public Task<long> EventsAsync(string id) =>
        Sql.CountAsync(Database, $"webhooks.inbound_events where delivery_id = '{id}'");

    public Task<long> JobsAsync(string id) =>
        Sql.CountAsync(Database, $"webhooks.jobs j join webhooks.inbound_events e on e.id = j.ref_id where delivery_id = '{id}'");

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        Operator?.Dispose();
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }
    }
}
