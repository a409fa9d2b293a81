using System.Collections.Concurrent;

namespace Aspire.Webhooks.Bench;

/// <summary>Merchants' servers: one that answers, one that never does, one that fails. Notes when the first got which message.</summary>
internal static class MerchantSite
{
    public const string Healthy = "/healthy";
    public const string Hanging = "/hanging";
    public const string Broken = "/broken";

    /// <summary>Timestamps of arrivals by message id.</summary>
    public static ConcurrentDictionary<string, long> Arrivals { get; } = new(StringComparer.Ordinal);

    public static void MapMerchantSite(this WebApplication app)
    {
        app.MapPost($"{Healthy}/{{endpoint:int}}", static (HttpRequest request) =>
        {
            Arrivals.TryAdd(request.Headers["webhook-id"].ToString(), TimeProvider.System.GetTimestamp());
            return Results.NoContent();
        });
        app.MapPost($"{Hanging}/{{endpoint:int}}", static (CancellationToken gone) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, gone));
        app.MapPost($"{Broken}/{{endpoint:int}}", static () => Results.StatusCode(StatusCodes.Status500InternalServerError));
    }
}
