using Aspire.Webhooks.Storage;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// In Development, one endpoint of the merchant <c>demo</c> that leads back to the Receiver's <c>standard</c> source:
/// sign, deliver and verify are visible at once, with nothing else running.
/// </summary>
public static class LoopbackEndpoint
{
    /// <summary>Adds the endpoint where the Receiver's address and the source's secret are known.</summary>
    public static void AddLoopbackEndpoint(this WebApplicationBuilder builder)
    {
        var receiver = builder.Configuration["services:receiver:http:0"];
        var secret = builder.Configuration["WEBHOOK_SECRET_STANDARD"];
        if (builder.Environment.IsDevelopment() && receiver is not null && secret is not null)
        {
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<LoopbackEndpointSeed>(
                services, new LoopbackTarget(new Uri(new Uri(receiver), "/webhooks/standard"), secret)));
        }
    }
}

internal sealed record LoopbackTarget(Uri Url, string Secret);

internal sealed class LoopbackEndpointSeed(LoopbackTarget target, SchemaMigration schema, NpgsqlDataSource database, TimeProvider time)
    : BackgroundService
{
    // One row, however often the stack starts; port and secret may change between starts.
    private const string UpsertSql = """
        insert into webhooks.endpoints (id, merchant_id, url, description, secret, created_at)
        values ('00000000-0000-7000-8000-00000000da70', 'demo', $1, 'Loops back to the Receiver (Development)', $2, $3)
        on conflict (id) do update set url = excluded.url, secret = excluded.secret
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        var untilDone = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = int.MaxValue, Delay = TimeSpan.FromSeconds(1) })
            .Build();
        await untilDone.ExecuteAsync(UpsertAsync, stoppingToken);
    }

    private async ValueTask UpsertAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(UpsertSql);
        command.Parameters.Add(new() { Value = target.Url.ToString() });
        command.Parameters.Add(new() { Value = target.Secret });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
