using System.Buffers.Binary;

namespace Aspire.Webhooks.Bench.Parts;

/// <summary>How long an event waits from its 202 until a listener has it.</summary>
internal static class LatencyPart
{
    private const double UsualRate = 500;

    public static Part Create() => new(
        "latency",
        "From the answer until the listener is called, open loop at 500/s and at half of what accept and drain keep up together.",
        RunAsync);

    private static async Task RunAsync(Measurement measurement)
    {
        var stores = measurement.Stores;
        await using var database = await stores.NewDatabaseAsync();
        var notes = Path.Combine(stores.Folder.FullName, "heard");
        await using var receiver = await Services.ReceiverAsync(stores, database);
        await using var worker = await Services.WorkerAsync(stores, database, Listeners.Noting + notes);

        var maximum = await MaximumAsync(measurement, receiver, database);
        measurement.Add(new("accepted and settled at once, closed loop of 64", maximum, "/s"));
        var isSmoke = measurement.IsSmoke;
        await ReportAsync("500/s", isSmoke ? 50 : UsualRate, p50: 3, p99: 15);
        await ReportAsync("half of the maximum", maximum / 2, p50: null, p99: null);

        async Task ReportAsync(string name, double rate, double? p50, double? p99)
        {
            List<Latencies> rounds = [];
            for (var round = 0; round < measurement.Rounds; round++)
            {
                rounds.Add(await MeasureAsync(receiver, database, notes, rate, measurement.Duration(10)));
                Measurement.Say($"{name}: {rounds[^1]}");
            }

            var all = rounds.Aggregate(Latencies.None, (sum, each) => sum.Add(each));
            measurement.Add(new($"202 to listener at {name}, p50", Rates.Median(rounds.Select(each => each.At(0.5))), "ms",
                $"{all.Count:N0} events", AtMost: p50));
            measurement.Add(new($"202 to listener at {name}, p99", Rates.Median(rounds.Select(each => each.At(0.99))), "ms",
                $"{all}", AtMost: p99));
        }
    }

    // What is settled by the time the last is accepted, of a closed loop; it also warms both up.
    private static async Task<double> MaximumAsync(Measurement measurement, ChildProcess receiver, Database database)
    {
        var duration = measurement.Duration(8);
        var before = await database.LastJobAsync();
        var answers = await LoadGenerator.RunAsync(new(
            [receiver.Address], SignedRequests.Create((int)(duration.TotalSeconds * 20_000), 1024), 64, duration));
        var settled = answers.Accepted - await database.OpenJobsAsync(before);
        await database.DrainedAsync(before);
        return Math.Max(settled / answers.Duration.TotalSeconds, 1);
    }

    /// <summary>From the answer to the listener, of an open loop; the Worker's listener writes its notes into the file.</summary>
    public static async Task<Latencies> MeasureAsync(
        ChildProcess receiver, Database database, string notes, double rate, TimeSpan duration)
    {
        var (before, notedBefore) = (await database.LastJobAsync(), new FileInfo(notes).Length);
        var requests = SignedRequests.Create((int)Math.Ceiling(rate * duration.TotalSeconds) + 1, 1024);
        var answers = await LoadGenerator.RunAsync(new([receiver.Address], requests, 256, duration) { PerSecond = rate });
        await database.DrainedAsync(before);
        return new(Read(await File.ReadAllBytesAsync(notes), (int)notedBefore)
            // The listener of an event can be faster than its answer.
            .Select(note => Math.Max(Milliseconds(answers.AnsweredAt(note.Number), note.At), 0)));
    }

    private static double Milliseconds(long from, long to) => (to - from) * 1000.0 / TimeProvider.System.TimestampFrequency;

    private static IEnumerable<(int Number, long At)> Read(byte[] notes, int from)
    {
        for (; from < notes.Length; from += 16)
        {
            yield return ((int)BinaryPrimitives.ReadInt64LittleEndian(notes.AsSpan(from)),
                BinaryPrimitives.ReadInt64LittleEndian(notes.AsSpan(from + 8)));
        }
    }
}
