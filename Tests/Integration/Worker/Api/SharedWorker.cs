using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Tests.Integration.Worker.Api;

/// <summary>One Worker with a database for the tests of a class, each of which uses tasks of its own.</summary>
public sealed class SharedWorker(TestStack stack) : IAsyncLifetime
{
    private ServiceHost<PlaybookCatalog> _worker = null!;

    public string Database { get; private set; } = null!;

    /// <summary>Without a token.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>May see events and tasks.</summary>
    public HttpClient Reader { get; private set; } = null!;

    /// <summary>May decide approvals.</summary>
    public HttpClient Approver { get; private set; } = null!;

    public IServiceProvider Services => _worker.Services;

    public HttpClient NewClient() => _worker.NewClient();

    public async ValueTask InitializeAsync()
    {
        Database = await stack.NewDatabaseAsync();
        // For ever: tests add events and tasks that are older than the default retention.
        _worker = await Stack.Services.WorkerAsync(
            Database, await stack.RedisAsync(), ("Webhooks:Retention:Bodies", "00:00:00"),
            ("Webhooks:Retention:Steps", "00:00:00"), ("Webhooks:Retention:Ledger", "00:00:00"));
        Client = NewClient();
        Reader = NewClient().With(OperatorToken.Read);
        Approver = NewClient().With(OperatorToken.Approve);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        Reader?.Dispose();
        Approver?.Dispose();
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }
    }
}
