namespace Aspire.Webhooks.Bench.Parts;

/// <summary>
/// How long endpoints that answer wait for their messages, from the answer to the publisher until arrival. They are alone; or
/// beside ten times as many that answer as well, which shows what the other messages cost; or beside as many of which a quarter
/// hangs, a quarter refuses, a quarter fails and a quarter has no address. The first two are measured before and after. The last
/// begins with a message to every one, and with nothing known of any.
/// </summary>
internal static class FairnessPart
{
    private const int HealthyEndpoints = 100;
    private const int OtherEndpoints = 1000;
    private const int PerSecond = 50;

    // Deliveries that wait for dead endpoints would be tried beside what is measured without them.
    private const string RetireSql = """
        update webhooks.jobs set state = 'cancelled', finished_at = now(), lease_token = null, lease_until = null
        where kind = 'delivery' and finished_at is null and lane in (select id::text from webhooks.endpoints where description = 'dead')
        """;

    public static Part Create() => new(
        "fairness",
        "From publishing until arrival at 100 endpoints that answer: alone, beside 1,000 live and beside 1,000 dead ones; 50/s "
            + "to each kind.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        var (healthy, others) = measurement.IsSmoke ? (10, 20) : (HealthyEndpoints, OtherEndpoints);
        await using var database = await stores.NewDatabaseAsync();
        await using var site = await MerchantSite.StartAsync();
        await using var sender = await Services.SenderAsync(
            stores, database, telemetry: null,
            // A dead endpoint stays one for as long as it is measured.
            [.. Merchants.Settings, ("WEBHOOK_MAX_CONSECUTIVE_FAILURES", "10000")]);
        await Merchants.AddAsync(stores, database,
        [
            .. Enumerable.Repeat((site.NotedUrl, "healthy"), healthy),
            .. Enumerable.Range(0, others).Select(number => (DeadUrl(number, site), "dead")),
            .. Enumerable.Repeat((site.CountedUrl, "live"), others),
        ]);
        using var publisher = Merchants.PublisherOf(sender);

        var run = new Phases(site, publisher, sender, healthy);
        int[] dead = [.. Enumerable.Range(healthy, others)];
        int[] live = [.. Enumerable.Range(healthy + others, others)];
        var phase = measurement.Duration(30);
        await run.MeasureAsync("warm-up", live, measurement.Duration(5));
        var alone = await run.MeasureAsync("alone, before", [], phase);
        var besideLive = await run.MeasureAsync("beside live ones, before", live, phase);
        var beside = Latencies.None;
        for (var part = 1; part <= measurement.Rounds; part++)
        {
            beside = beside.Add(await run.MeasureAsync($"beside dead ones {part}", dead, phase, isOnset: part == 1));
        }

        await database.ExecuteAsync(RetireSql);
        besideLive = besideLive.Add(await run.MeasureAsync("beside live ones, after", live, phase));
        alone = alone.Add(await run.MeasureAsync("alone, after", [], phase));
        measurement.Add(new("beside dead ones ÷ alone, p50", Ratio(beside, alone, 0.5), "×",
            $"beside dead ones {beside}; beside live ones {besideLive}; alone {alone}"));
        measurement.Add(new("beside dead ones ÷ alone, p99", Ratio(beside, alone, 0.99), "×",
            $"{beside.Count + alone.Count:N0} messages", AtMost: 1.5));
        measurement.Add(new("beside dead ones ÷ beside live ones, p99", Ratio(beside, besideLive, 0.99), "×",
            $"{beside.Count + besideLive.Count:N0} messages"));
    }

    // A delivery can be faster than the publisher's answer, and in a smoke most of them are.
    private static double Ratio(Latencies one, Latencies other, double share) => one.At(share) / Math.Max(other.At(share), 0.001);

    private static Uri DeadUrl(int number, MerchantSite site) => (number % 4) switch
    {
        0 => site.HangingUrl,
        1 => site.BrokenUrl,
        2 => new Uri("http://127.0.0.1:1/"),
        _ => new Uri($"https://merchant-{number}.invalid/"),
    };

    private sealed class Phases(MerchantSite site, HttpClient publisher, ChildProcess sender, int healthy)
    {
        /// <summary>Measures what waits at the healthy ones.</summary>
        /// <param name="others">Merchants of which one is published to as well, each time.</param>
        public async Task<Latencies> MeasureAsync(string name, int[] others, TimeSpan duration, bool isOnset = false)
        {
            site.Arrivals.Clear();
            var sent = new Dictionary<string, long>(StringComparer.Ordinal);
            // The worst moment: every one of them at once, and nothing known of any.
            foreach (var number in isOnset ? others : [])
            {
                await Merchants.PublishAsync(publisher, number);
            }

            var processor = sender.ProcessorTime;
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
            var start = TimeProvider.System.GetTimestamp();
            for (var at = 0; TimeProvider.System.GetElapsedTime(start) < duration; at++)
            {
                await timer.WaitForNextTickAsync();
                if (others.Length > 0)
                {
                    await Merchants.PublishAsync(publisher, others[Random.Shared.Next(others.Length)]);
                }

                var id = await Merchants.PublishAsync(publisher, at % healthy);
                sent.Add(id, TimeProvider.System.GetTimestamp());
            }

            processor = sender.ProcessorTime - processor;
            while (site.Arrivals.Count < sent.Count)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }

            // A delivery can be faster than the publisher's answer.
            var latencies = new Latencies(sent.Select(message => Math.Max(
                (site.Arrivals[message.Key] - message.Value) * 1000.0 / TimeProvider.System.TimestampFrequency, 0)));
            Measurement.Say($"{name}: {latencies.Count} messages, {latencies}; "
                + $"{processor / duration * 100:0} % of a processor for the Sender");
            return latencies;
        }
    }
}
