namespace Aspire.Webhooks.Bench.Parts;

/// <summary>The whole chain: received, an agent's task by rules, its result delivered; two replicas of each service.</summary>
internal static class ChainPart
{
    private const int Replicas = 2;
    private const double OfferedMeanwhile = 300;

    // Enough under way to keep every stage busy.
    private const int UnderWay = 2000;

    private static readonly (string, string)[] Playbook =
    [
        ("Webhooks__Playbooks__bench__Source", SignedRequests.Source), ("Webhooks__Playbooks__bench__EventTypes__0", "*"),
        ("Webhooks__Playbooks__bench__Instructions", "Summarise."), ("Webhooks__Playbooks__bench__Agent", "rules"),
        ("Webhooks__Playbooks__bench__Merchant", Merchants.Name(0)), ("Webhooks__Playbooks__bench__ResultType", "task.completed"),
    ];

    public static Part Create() => new(
        "chain",
        "From a signed request over a task of the rules agent to its result at a merchant's; two replicas of each service.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        await using var database = await stores.NewDatabaseAsync();
        await using var site = await MerchantSite.StartAsync();
        List<ChildProcess> processes = [];
        try
        {
            for (var replica = 0; replica < (measurement.IsSmoke ? 1 : Replicas); replica++)
            {
                processes.Add(await Services.ReceiverAsync(stores, database));
                processes.Add(await Services.WorkerAsync(stores, database, listener: null, telemetry: null, Playbook));
                processes.Add(await Services.SenderAsync(stores, database));
            }

            await Merchants.AddAsync(stores, database, (site.CountedUrl, "healthy"));
            Uri[] receivers = [.. processes.Where((_, at) => at % 3 == 0).Select(process => process.Address)];
            await ThroughputAsync(receivers, site, measurement.Duration(5));
            await database.DrainedAsync(0);

            List<double> rates = [];
            for (var round = 0; round < measurement.Rounds; round++)
            {
                var before = await database.LastJobAsync();
                rates.Add(await ThroughputAsync(receivers, site, measurement.Duration(20)));
                Measurement.Say($"round {round + 1}: {rates[^1]:0}/s arrived");
                await database.DrainedAsync(before);
            }

            measurement.Add(new("whole chain", Rates.Median(rates), "/s",
                $"{Finding.Number(rates.Min())}–{Finding.Number(rates.Max())}", AtLeast: 600));
            await BacklogAsync(measurement, database, receivers, site);
        }
        finally
        {
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }
        }
    }

    // A closed loop around all of it: what has arrived lets in as much, so that intake does not take the processors from
    // the rest.
    private static async Task<double> ThroughputAsync(Uri[] receivers, MerchantSite site, TimeSpan duration)
    {
        var arrivedBefore = site.Count;
        var requests = SignedRequests.Create((int)(duration.TotalSeconds * 10_000) + UnderWay, 1024);
        var load = LoadGenerator.RunAsync(new(receivers, requests, 64, duration)
        {
            Allowed = () => site.Count - arrivedBefore + UnderWay,
        });
        await Task.Delay(duration / 5, TimeProvider.System);
        var (first, start) = (site.Count, TimeProvider.System.GetTimestamp());
        await load;
        // In a smoke the load is shorter than a busy machine takes for the first one.
        await site.CountedAsync(first + 1);
        return (site.Count - first) / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task BacklogAsync(Measurement measurement, Database database, Uri[] receivers, MerchantSite site)
    {
        var events = measurement.Events(50_000);
        var offered = measurement.IsSmoke ? 20 : OfferedMeanwhile;
        var before = await database.LastJobAsync();
        await database.FillEventsAsync(events);
        var (open, arrived, start) = (await database.OpenJobsAsync(before), site.Count, TimeProvider.System.GetTimestamp());

        // A job that ends one stage opens one of the next, so the count falls only when the last stage gets its turn. So this
        // looks until half has gone, or for so long that it says that it never will.
        var longest = 12 * measurement.Duration(20);
        using var enough = new CancellationTokenSource(longest);
        var requests = SignedRequests.Create((int)(offered * longest.TotalSeconds) + 1, 1024);
        var load = LoadGenerator.RunAsync(new(receivers, requests, 64, longest)
        {
            PerSecond = offered, Enough = enough.Token,
        });
        var left = open;
        while (left > open / 2 && !enough.IsCancellationRequested)
        {
            await Task.Delay(measurement.Duration(20) / 4, TimeProvider.System);
            left = await database.OpenJobsAsync(before);
            var soFar = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            Measurement.Say($"{soFar:0} s: {await database.OpenByKindAsync(before)} open");
        }

        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var done = site.Count - arrived;
        await enough.CancelAsync();
        var answers = await load;
        measurement.Add(new($"backlog of {events:N0} shrinks, {offered:0}/s going on, by", (open - left) / seconds, "/s",
            $"{open:N0} jobs open, {left:N0} after {seconds:0} s; {done / seconds:0}/s arrived, "
            + $"{answers.Accepted / seconds:0}/s accepted",
            AtLeast: 1));
    }
}
