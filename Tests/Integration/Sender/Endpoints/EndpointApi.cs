using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>A Sender with a database for the tests of a class, each of which has merchants of its own.</summary>
public sealed class EndpointApi(TestStack stack) : IAsyncLifetime
{
    public const string Path = "/api/v1/webhooks";
    public const string Admin = "/api/v1/admin";

    private ServiceHost<DeliveryClient>? _sender;

    public string Database { get; private set; } = "";

    public IServiceProvider Services => _sender!.Services;

    public static string NewMerchant() => $"merchant-{Guid.CreateVersion7():N}";

    /// <summary>Without a token.</summary>
    public HttpClient NewClient() => _sender!.NewClient();

    /// <summary>A client of a merchant's. The caller disposes it.</summary>
    public HttpClient Of(string merchant, string scope = "webhooks:write") => NewClient().With(OperatorToken.Of(merchant, scope));

    /// <summary>A client of an administrator's, who is no merchant.</summary>
    public HttpClient Administrator() => NewClient().With(OperatorToken.Create(OperatorToken.Scope("admin")));

    public async ValueTask InitializeAsync()
    {
        // Fifty requests at once must not take the whole server's connections: other tests need some.
        Database = $"{await stack.NewDatabaseAsync()};Maximum Pool Size=20";
        _sender = await Stack.Services.SenderAsync(
            Database, await stack.RedisAsync(), ("Webhooks:Pings:PerMinute", "10000"), ("Webhooks:Delivery:Timeout", "00:00:03"),
            ("Webhooks:Jobs:Delivery:Poll", "00:00:00.1"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_sender is not null)
        {
            await _sender.DisposeAsync();
        }
    }
}
