using System.CommandLine;

namespace Aspire.Webhooks.Bench;

/// <summary>A part of the benchmark.</summary>
/// <param name="Measures">What, in a sentence.</param>
internal sealed record Part(string Name, string Measures, Func<Measurement, Task> RunAsync)
{
    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often each is measured.", DefaultValueFactory = _ => 3,
    };

    private static readonly Option<double?> Seconds = new("--seconds") { Description = "How long each is measured." };
    private static readonly Option<int?> Events = new("--events")
    {
        Description = "How many events, where they are counted beforehand.",
    };

    private static readonly Option<bool> Smoke = new("--smoke") { Description = "Tiny and once: whether it runs at all." };
    private static readonly Option<bool> WithoutPeers = new("--no-peers") { Description = "Ours only." };
    private static readonly Option<string?> Against = new("--against")
    {
        Description = "The folder of another checkout that is built in the same way: accept measures its Receiver too.",
    };

    private static readonly Option<string> Results = new("--results")
    {
        Description = "The JSON file that keeps the results; BENCHMARKS.md is written beside it.",
        DefaultValueFactory = _ => Report.DefaultFile,
    };

    private static readonly Option<string?> Postgres = new("--postgres")
    {
        Description = "Connection string of a server to use, not one of its own.",
    };

    private static readonly Option<string?> Redis = new("--redis") { Description = "The same of Redis; both or none." };

    /// <summary>A command for each, and one for all.</summary>
    public static IEnumerable<Command> Commands(IReadOnlyList<Part> parts)
    {
        string[] order = [.. parts.Select(part => part.Name)];
        foreach (var part in parts)
        {
            yield return Create(part.Name, part.Measures, [part], order);
        }

        yield return Create("all", "All of them, one after the other.", parts, order);
    }

    private static Command Create(string name, string description, IReadOnlyList<Part> parts, IReadOnlyList<string> order)
    {
        var command = new Command(name, description)
        {
            Rounds, Seconds, Events, Smoke, WithoutPeers, Against, Results, Postgres, Redis,
        };
        command.SetAction(async result =>
        {
            var smoke = result.GetValue(Smoke);
            var size = new Size(
                smoke ? 1 : result.GetValue(Rounds), result.GetValue(Seconds), result.GetValue(Events), smoke,
                !result.GetValue(WithoutPeers), result.GetValue(Against));
            foreach (var part in parts)
            {
                await using var stores = await Stores.StartAsync(result.GetValue(Postgres), result.GetValue(Redis));
                await part.MeasureAsync(stores, size, result.GetValue(Results)!, order);
            }

            return 0;
        });
        return command;
    }

    private async Task MeasureAsync(Stores stores, Size size, string results, IReadOnlyList<string> order)
    {
        var environment = await Report.EnvironmentAsync(stores);
        Console.WriteLine($"{Name}: {size}; {string.Join("; ", environment.Select(each => $"{each.Key} {each.Value}"))}");
        var measurement = new Measurement(stores, size);
        await RunAsync(measurement);
        await Report.SaveAsync(
            results,
            new(Name, Measures, TimeProvider.System.GetUtcNow(), Repository.Commit, $"{size}", environment, measurement.Findings),
            order);
    }
}
