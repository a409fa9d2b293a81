using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Aspire.Webhooks.Storage;

/// <summary>Gauges whose values are in the database.</summary>
/// <param name="Sql">A statement that returns one row, with a <c>float8</c> for each gauge. It is run every 15 s, by every
/// process of the service.</param>
public sealed record DatabaseGauges(string Sql, params IReadOnlyList<Gauge<double>> Gauges);

public static class DatabaseGaugesRegistration
{
    /// <summary>Reads the values at the start of the service and every 15 s from then on.</summary>
    public static IServiceCollection AddDatabaseGauges(this IServiceCollection services, DatabaseGauges gauges) =>
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<Reading>(provider, gauges));

    private sealed class Reading(DatabaseGauges gauges, NpgsqlDataSource database, SchemaMigration schema, TimeProvider time)
        : BackgroundService
    {
        // As often as a Prometheus server scrapes.
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await schema.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(Interval, time);
            do
            {
                await ReadAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }

        // While the database is away, the gauges keep their last values: the pumps and the intake report the outage.
        private async Task ReadAsync(CancellationToken cancellationToken)
        {
            try
            {
                await using var command = database.CreateCommand(gauges.Sql);
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                await reader.ReadAsync(cancellationToken);
                for (var column = 0; column < gauges.Gauges.Count; column++)
                {
                    gauges.Gauges[column].Record(reader.GetDouble(column));
                }
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Read again at the next tick.
            }
        }
    }
}
