using System.Collections.Concurrent;

namespace Aspire.Webhooks.Bench;

/// <summary>Merchants' servers: some answer, some never do, some fail. It notes what arrived at those that answer.</summary>
internal sealed class MerchantSite : IAsyncDisposable
{
    private readonly WebApplication _app;
    private long _count;

    private MerchantSite()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/counted", Counted);
        _app.MapPost("/noted", Noted);
        _app.MapPost(
            "/hanging",
            static (HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        _app.MapPost("/broken", static (HttpContext context) =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        });
    }

    /// <summary>Answers 204 and counts.</summary>
    public Uri CountedUrl => new(Address, "/counted");

    /// <summary>Answers 204 and notes the message in <see cref="Arrivals"/>.</summary>
    public Uri NotedUrl => new(Address, "/noted");

    public Uri HangingUrl => new(Address, "/hanging");

    /// <summary>Answers 500.</summary>
    public Uri BrokenUrl => new(Address, "/broken");

    /// <summary>How much was counted.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Timestamps of arrivals by message id.</summary>
    public ConcurrentDictionary<string, long> Arrivals { get; } = new(StringComparer.Ordinal);

    private Uri Address => new(_app.Urls.Single());

    public static async Task<MerchantSite> StartAsync()
    {
        var site = new MerchantSite();
        await site._app.StartAsync();
        return site;
    }

    /// <summary>Waits until so much has been counted.</summary>
    /// <exception cref="OperationCanceledException">It has not after two minutes.</exception>
    public async Task CountedAsync(long count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (Count < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Counted(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        Interlocked.Increment(ref _count);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task Noted(HttpContext context)
    {
        Arrivals.TryAdd(context.Request.Headers["webhook-id"].ToString(), TimeProvider.System.GetTimestamp());
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
