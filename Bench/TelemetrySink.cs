namespace Aspire.Webhooks.Bench;

/// <summary>A collector that takes whatever is exported by OTLP over HTTP, and looks at none of it.</summary>
internal sealed class TelemetrySink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private long _bytes;

    private TelemetrySink()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", TakeAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>How much was exported.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public static async Task<TelemetrySink> StartAsync()
    {
        var sink = new TelemetrySink();
        await sink._app.StartAsync();
        return sink;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpRequest request)
    {
        Interlocked.Add(ref _bytes, request.ContentLength ?? 0);
        await request.Body.CopyToAsync(Stream.Null);
    }
}
