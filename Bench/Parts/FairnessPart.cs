namespace Aspire.Webhooks.Bench.Parts;

/// <summary>
/// How long endpoints that answer wait for their messages, from the answer to the publisher until arrival: alone, and beside ten
/// times as many of which a quarter hangs, a quarter refuses, a quarter fails and a quarter has no address. It is measured
/// without them before and after; with them it begins with a message to every one, and with nothing known of any.
/// </summary>
internal static class FairnessPart
{
    private const int HealthyEndpoints = 100;
    private const int DeadEndpoints = 1000;
    private const int PerSecond = 50;

    // Deliveries that wait for dead endpoints would be tried beside what is measured without them.
    private const string RetireSql = """
        update webhooks.jobs set state = 'cancelled', finished_at = now(), lease_token = null, lease_until = null
        where kind = 'delivery' and finished_at is null and lane in (select id::text from webhooks.endpoints where description = 'dead')
        """;

    public static Part Create() => new(
        "fairness",
        "From publishing until arrival at 100 endpoints that answer, alone and beside 1,000 dead ones; 50/s to each kind.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        var (healthy, dead) = measurement.IsSmoke ? (10, 20) : (HealthyEndpoints, DeadEndpoints);
        await using var database = await stores.NewDatabaseAsync();
        await using var site = await MerchantSite.StartAsync();
        await using var sender = await Services.SenderAsync(
            stores, database, telemetry: null,
            // A dead endpoint stays one for as long as it is measured.
            [.. Merchants.Settings, ("WEBHOOK_MAX_CONSECUTIVE_FAILURES", "10000")]);
        await Merchants.AddAsync(stores, database,
            [.. Enumerable.Range(0, healthy + dead).Select(number => EndpointOf(number, healthy, site))]);
        using var publisher = Merchants.PublisherOf(sender);

        var run = new Phases(site, publisher, healthy, dead);
        var phase = measurement.Duration(30);
        await run.MeasureAsync("warm-up", withDead: false, measurement.Duration(5));
        var alone = await run.MeasureAsync("alone, before", withDead: false, phase);
        var beside = Latencies.None;
        for (var part = 1; part <= measurement.Rounds; part++)
        {
            beside = beside.Add(await run.MeasureAsync($"beside dead {part}", withDead: true, phase, isOnset: part == 1));
        }

        await database.ExecuteAsync(RetireSql);
        alone = alone.Add(await run.MeasureAsync("alone, after", withDead: false, phase));
        measurement.Add(new("beside dead ones ÷ alone, p50", beside.At(0.5) / alone.At(0.5), "×",
            $"beside {beside}; alone {alone}"));
        measurement.Add(new("beside dead ones ÷ alone, p99", beside.At(0.99) / alone.At(0.99), "×",
            $"{beside.Count + alone.Count:N0} messages", AtMost: 1.5));
    }

    private static (Uri Url, string Description) EndpointOf(int number, int healthy, MerchantSite site) => number < healthy
        ? (site.NotedUrl, "healthy")
        : ((number % 4) switch
        {
            0 => site.HangingUrl,
            1 => site.BrokenUrl,
            2 => new Uri("http://127.0.0.1:1/"),
            _ => new Uri($"https://merchant-{number}.invalid/"),
        }, "dead");

    private sealed class Phases(MerchantSite site, HttpClient publisher, int healthy, int dead)
    {
        public async Task<Latencies> MeasureAsync(string name, bool withDead, TimeSpan duration, bool isOnset = false)
        {
            site.Arrivals.Clear();
            var sent = new Dictionary<string, long>(StringComparer.Ordinal);
            // The worst moment: every one of them at once, and nothing known of any.
            for (var number = 0; isOnset && number < dead; number++)
            {
                await Merchants.PublishAsync(publisher, healthy + number);
            }

            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
            var start = TimeProvider.System.GetTimestamp();
            for (var at = 0; TimeProvider.System.GetElapsedTime(start) < duration; at++)
            {
                await timer.WaitForNextTickAsync();
                if (withDead)
                {
                    await Merchants.PublishAsync(publisher, healthy + Random.Shared.Next(dead));
                }

                var id = await Merchants.PublishAsync(publisher, at % healthy);
                sent.Add(id, TimeProvider.System.GetTimestamp());
            }

            while (site.Arrivals.Count < sent.Count)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }

            // A delivery can be faster than the publisher's answer.
            var latencies = new Latencies(sent.Select(message => Math.Max(
                (site.Arrivals[message.Key] - message.Value) * 1000.0 / TimeProvider.System.TimestampFrequency, 0)));
            Measurement.Say($"{name}: {latencies.Count} messages, {latencies}");
            return latencies;
        }
    }
}
