using System.CommandLine;
using System.Globalization;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Sender.Secrets;
using Aspire.Webhooks.Storage;
using Npgsql;

namespace Aspire.Webhooks.Bench;

/// <summary>
/// How long 100 endpoints that answer wait for their messages, from commit to arrival: alone, and beside 1,000 of which a
/// quarter hangs, a quarter refuses, a quarter fails and a quarter has no address. It is measured without them before and after; with them it begins with a
/// message to every one, and with nothing known of any.
/// </summary>
internal static class FairnessBench
{
    private const int HealthyEndpoints = 100;
    private const int DeadEndpoints = 1000;
    private const int HealthyPerSecond = 50;
    private const int DeadPerSecond = 50;

    private const int Parts = 3;

    // What waits for dead endpoints would be tried beside what is measured without them.
    private const string RetireSql = """
        update webhooks.jobs set state = 'cancelled', finished_at = now()
        where kind = 'delivery' and state = 'pending' and lane in (select id::text from webhooks.endpoints where description = 'dead')
        """;

    private static readonly Argument<int> Seconds = new("seconds")
    {
        Description = "Of each phase.",
        DefaultValueFactory = _ => 30,
    };

    public static Command Create()
    {
        var fairness = new Command("fairness", "How long messages to healthy endpoints wait beside dead ones.") { Seconds };
        fairness.SetAction(result => RunAsync(TimeSpan.FromSeconds(result.GetValue(Seconds))));
        return fairness;
    }

    private static async Task<int> RunAsync(TimeSpan phase)
    {
        await using var stores = await ThrowAwayStores.StartAsync();
        await using var app = await StartSiteAsync(stores);
        await app.Services.GetRequiredService<SchemaMigration>().WaitAsync(CancellationToken.None);
        var site = new Uri(app.Urls.Single());
        await AddEndpointsAsync(app.Services, site);
        await using var sender = SenderProcess.Start(stores, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Webhooks__Egress__Loopback__0"] = "127.0.0.1:*",
            // A dead endpoint stays one for as long as it is measured.
            ["WEBHOOK_MAX_CONSECUTIVE_FAILURES"] = "10000",
        });

        await PhaseAsync(app.Services, "warm-up", withDead: false, TimeSpan.FromSeconds(5));
        var alone = await PhaseAsync(app.Services, "alone, before", withDead: false, phase);
        var beside = Latencies.None;
        for (var part = 1; part <= Parts; part++)
        {
            beside = beside.Add(await PhaseAsync(app.Services, $"beside dead {part}", withDead: true, phase, isOnset: part == 1));
        }

        await RetireAsync(app.Services);
        alone = alone.Add(await PhaseAsync(app.Services, "alone, after", withDead: false, phase));
        Console.WriteLine($"{"alone",-16} {alone}");
        Console.WriteLine($"{"beside dead",-16} {beside}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"p50 {beside.At(0.5) / alone.At(0.5):0.00}x, p99 {beside.At(0.99) / alone.At(0.99):0.00}x"));
        return 0;
    }

    private static async Task<WebApplication> StartSiteAsync(ThrowAwayStores stores)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration["Logging:LogLevel:Default"] = "None";
        builder.Configuration["ConnectionStrings:webhooks"] = stores.Postgres;
        builder.Configuration["ConnectionStrings:redis"] = stores.Redis;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddRedisClient("redis");
        builder.AddWebhookStorage();
        builder.AddSecretProtection();
        builder.Services.AddJobQueue();
        var app = builder.Build();
        app.MapMerchantSite();
        await app.StartAsync();
        return app;
    }

    private static async Task AddEndpointsAsync(IServiceProvider services, Uri site)
    {
        using var scope = services.CreateScope();
        var db = scope.ServiceProvider.GetRequiredService<WebhooksDb>();
        var protection = services.GetRequiredService<SecretProtection>();
        for (var number = 0; number < HealthyEndpoints + DeadEndpoints; number++)
        {
            var (id, now) = (Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
            db.Add(new Storage.Endpoint
            {
                Id = id, MerchantId = $"merchant-{number}", Url = UrlOf(number, site).ToString(),
                Description = number < HealthyEndpoints ? "healthy" : "dead", EventTypes = [], Active = true,
                CreatedAt = now, UpdatedAt = now,
            });
            db.Add(new EndpointSecret { Id = id, EndpointId = id, Protected = protection.Protect(id, EndpointKeys.New(EndpointKeys.Symmetric)), CreatedAt = now });
        }

        await db.SaveChangesAsync();
    }

    private static Uri UrlOf(int number, Uri site) => number < HealthyEndpoints ? new Uri(site, $"{MerchantSite.Healthy}/{number}")
        : (number % 4) switch
        {
            0 => new Uri(site, $"{MerchantSite.Hanging}/{number}"),
            1 => new Uri(site, $"{MerchantSite.Broken}/{number}"),
            2 => new Uri($"http://127.0.0.1:1/{number}"),
            _ => new Uri($"https://merchant-{number}.invalid/"),
        };

    private static async Task RetireAsync(IServiceProvider services)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(RetireSql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<Latencies> PhaseAsync(IServiceProvider services, string name, bool withDead, TimeSpan duration, bool isOnset = false)
    {
        MerchantSite.Arrivals.Clear();
        var sent = new Dictionary<string, long>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / HealthyPerSecond));
        // The worst moment: every one of them at once, and nothing known of any.
        for (var dead = 0; isOnset && dead < DeadEndpoints; dead++)
        {
            await PublishAsync(services, HealthyEndpoints + dead);
        }

        var start = TimeProvider.System.GetTimestamp();
        for (var at = 0; TimeProvider.System.GetElapsedTime(start) < duration; at++)
        {
            await timer.WaitForNextTickAsync();
            if (withDead)
            {
                for (var dead = 0; dead < DeadPerSecond / HealthyPerSecond; dead++)
                {
                    await PublishAsync(services, HealthyEndpoints + Random.Shared.Next(DeadEndpoints));
                }
            }

            var (id, published) = await PublishAsync(services, at % HealthyEndpoints);
            sent.Add(id, published);
        }

        while (MerchantSite.Arrivals.Count < sent.Count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        var latencies = Latencies.None.Add([.. sent.Select(message =>
            TimeProvider.System.GetElapsedTime(message.Value, MerchantSite.Arrivals[message.Key]).TotalMilliseconds)]);
        Console.WriteLine($"{name,-16} {latencies}");
        return latencies;
    }

    private static async Task<(string Id, long At)> PublishAsync(IServiceProvider services, int merchant)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var message = new NewMessage($"merchant-{merchant}", "invoice.paid", """{"type":"invoice.paid"}"""u8.ToArray(), Guid.CreateVersion7().ToString());
        var published = await MessagePublisher.PublishAsync(message, transaction, TimeProvider.System, CancellationToken.None);
        await transaction.CommitAsync();
        var at = TimeProvider.System.GetTimestamp();
        services.GetRequiredService<JobWakeup>().Notify(JobKind.Delivery);
        return (published.Id, at);
    }
}
