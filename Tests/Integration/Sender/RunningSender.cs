using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

/// <summary>A Sender that the tests of a class share, each with a merchant of its own.</summary>
public class RunningSender(TestStack stack) : IAsyncLifetime
{
    private ServiceHost<DeliveryClient>? _sender;

    public string Database { get; private set; } = "";

    public Uri Address => _sender!.Address;

    public HttpClient NewClient() => _sender!.NewClient();

    /// <summary>What a class of tests wants otherwise.</summary>
    protected virtual IReadOnlyList<(string Key, string Value)> Settings => [];

    public IServiceProvider Services => _sender!.Services;

    /// <summary>A client with a merchant's token.</summary>
    public HttpClient NewClient(string merchant, string scope) => NewClient().With(OperatorToken.Of(merchant, scope));

    public async ValueTask InitializeAsync()
    {
        // Fifty requests at once must not take the whole server's connections: other tests need some.
        Database = $"{await stack.NewDatabaseAsync()};Maximum Pool Size=20";
        _sender = await Stack.Services.SenderAsync(
            Database, await stack.RedisAsync(),
            [("Webhooks:Jobs:Delivery:Poll", "00:00:00.1"), ("Webhooks:Delivery:Timeout", "00:00:05"), .. Settings]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_sender is not null)
        {
            await _sender.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
