namespace Aspire.Webhooks.Bench.Parts;

/// <summary>How soon a service is ready, and how much memory it has then.</summary>
internal static class StartPart
{
    public static Part Create() => new(
        "start",
        "From the start of a process until /health/ready is 200, the schema being there; its resident memory then.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        await using var database = await (await stores.NewDatabaseAsync()).WithSchemaAsync();
        (string Name, Func<Task<ChildProcess>> StartAsync)[] services =
        [
            ("Receiver", () => Services.ReceiverAsync(stores, database)),
            ("Worker", () => Services.WorkerAsync(stores, database)),
            ("Sender", () => Services.SenderAsync(stores, database)),
        ];

        var found = services.ToDictionary(service => service.Name, _ => new List<(double Seconds, double Memory)>(),
            StringComparer.Ordinal);
        for (var round = 0; round < measurement.Rounds; round++)
        {
            foreach (var (name, startAsync) in services)
            {
                await using var process = await startAsync();
                found[name].Add((process.ReadyAfter.TotalSeconds, process.Memory));
            }
        }

        foreach (var (name, rounds) in found)
        {
            measurement.Add(new($"{name} is ready after", Rates.Median(rounds.Select(round => round.Seconds)), "s"));
            measurement.Add(new($"memory of {name}", Rates.Median(rounds.Select(round => round.Memory)), "MiB"));
        }
    }
}
