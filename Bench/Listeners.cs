using System.Buffers.Binary;
using System.Globalization;
using Aspire.Webhooks.Bench;
using Aspire.Webhooks.Listeners;
using Npgsql;

[assembly: HostingStartup(typeof(Listeners))]

namespace Aspire.Webhooks.Bench;

/// <summary>Adds the listener that the environment names to the Worker that this assembly is loaded into.</summary>
internal sealed class Listeners : IHostingStartup
{
    public const string Variable = "BENCH_LISTENER";
    public const string NoOp = "no-op";
    public const string Row = "row";

    /// <summary>With the path of a file that it writes to.</summary>
    public const string Noting = "noting:";

    /// <summary>
    /// A source whose events a noting Worker never has done with, and the setting of how many of them it begins.
    /// </summary>
    public const string HeldSource = "held";

    public const string HeldConcurrency = $"Webhooks__Jobs__Event__Sources__{HeldSource}__Concurrency";

    /// <summary>The table that <see cref="Row"/> writes to.</summary>
    public const string RowTableSql = "create table bench_rows (event_id uuid primary key, event_type text not null)";

    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(static services =>
    {
        switch (Environment.GetEnvironmentVariable(Variable))
        {
            case NoOp: services.AddWebhookListener<NoOpListener>(); break;
            case Row: services.AddWebhookListener<RowListener>(); break;
            case string text when text.StartsWith(Noting, StringComparison.Ordinal):
                services.AddWebhookListener<NotingListener>().AddWebhookListener<HangingListener>();
                break;
        }
    });

    private sealed class NoOpListener : WebhookListener
    {
        public override string Source => SignedRequests.Source;

        public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class RowListener(NpgsqlDataSource database) : WebhookListener
    {
        public override string Source => SignedRequests.Source;

        public override async Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
        {
            await using var command = database.CreateCommand("insert into bench_rows values ($1, $2) on conflict do nothing");
            command.Parameters.Add(new() { Value = webhookEvent.Id });
            command.Parameters.Add(new() { Value = webhookEvent.EventType });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private sealed class HangingListener : WebhookListener
    {
        public override string Source => HeldSource;

        public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken) =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    /// <summary>
    /// Notes when it heard of which delivery: its number and a timestamp, which all processes of a machine share.
    /// </summary>
    private sealed class NotingListener : WebhookListener, IDisposable
    {
        private readonly Lock _writing = new();
        private readonly FileStream _file = new(
            Environment.GetEnvironmentVariable(Variable)![Noting.Length..], FileMode.Append, FileAccess.Write, FileShare.Read,
            bufferSize: 0);

        public override string Source => SignedRequests.Source;

        public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
        {
            var at = TimeProvider.System.GetTimestamp();
            Span<byte> record = stackalloc byte[16];
            var number = long.Parse(webhookEvent.DeliveryId.AsSpan()[^10..], CultureInfo.InvariantCulture);
            BinaryPrimitives.WriteInt64LittleEndian(record, number);
            BinaryPrimitives.WriteInt64LittleEndian(record[8..], at);
            lock (_writing)
            {
                _file.Write(record);
            }

            return Task.CompletedTask;
        }

        public void Dispose() => _file.Dispose();
    }
}
