using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// Adds an endpoint of the merchant <c>demo</c> in Development, which sends to the Receiver's <c>standard</c> source. It shows
/// signing, delivery and verification without another server.
/// </summary>
public static class LoopbackEndpoint
{
    /// <summary>Adds the endpoint when the address of the Receiver and the secret of the source are configured.</summary>
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

internal sealed class LoopbackEndpointSeed(
    LoopbackTarget target, SchemaMigration schema, NpgsqlDataSource database, SecretProtection protection,
    TimeProvider time) : BackgroundService
{
    private static readonly Guid Id = new("00000000-0000-7000-8000-00000000da70");

    // Each start updates the same row, because port and secret can change between starts.
    private const string UpsertSql = """
        with endpoint as (
            insert into webhooks.endpoints (id, merchant_id, url, description, created_at, updated_at)
            values ($1, 'demo', $2, 'Loops back to the Receiver (Development)', $4, $4)
            on conflict (id) do update
            set url = excluded.url, active = true, disabled_at = null, disabled_reason = null, deleted_at = null,
                failed_deliveries = 0, failed_attempts = 0, failing_since = null),
        released as (
            delete from webhooks.lanes where kind = 'delivery' and lane = $1::text)
        insert into webhooks.endpoint_secrets (id, endpoint_id, protected, created_at) values ($1, $1, $3, $4)
        on conflict (id) do update set protected = excluded.protected
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
        command.Parameters.Add(new() { Value = Id });
        command.Parameters.Add(new() { Value = target.Url.ToString() });
        command.Parameters.Add(new() { Value = protection.Protect(Id, new Secret(target.Secret)) });
        command.Parameters.Add(new() { Value = time.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
