using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Integration.Worker;

public sealed class TranscriptRetentionTests(TestStack stack) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("transcripts-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public async Task Lines_are_left_out_and_all_others_stay_as_they_are(int length)
    {
        var (erased, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var random = new Random(7);
        var lines = Enumerable.Range(0, 200).Select(n => (
            Task: n % 3 == 0 ? erased : other, Event: n % 7 == 0 ? erased : other,
            Text: new string((char)('a' + (n % 26)), random.Next(length)))).ToList();
        var path = Path.Combine(_folder.FullName, "2026-01-31.jsonl");
        await File.WriteAllTextAsync(path, string.Concat(lines.Select(Line)), Cancellation);

        await Transcript().LeaveOutAsync(path, new HashSet<Guid> { erased }, Cancellation);

        Assert.Equal(
            string.Concat(lines.Where(line => line.Task != erased && line.Event != erased).Select(Line)),
            await File.ReadAllTextAsync(path, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("not JSON\n{\"task_id\":7}\n[]\n{\"task_id\":\"01981d6e-7c8f-7d3a-9b21-6f0c2e5a4b17\"")]
    public async Task A_file_that_is_cut_or_is_no_transcript_stays_as_it_is(string content)
    {
        var path = Path.Combine(_folder.FullName, "2026-01-31.jsonl");
        await File.WriteAllTextAsync(path, content, Cancellation);

        await Transcript().LeaveOutAsync(path, new HashSet<Guid> { new("01981d6e-7c8f-7d3a-9b21-6f0c2e5a4b17") }, Cancellation);
        await Transcript().LeaveOutAsync(Path.Combine(_folder.FullName, "2026-02-01.jsonl"), new HashSet<Guid>(), Cancellation);

        Assert.Equal(content, await File.ReadAllTextAsync(path, Cancellation));
    }

    [Fact]
    public async Task Files_older_than_the_shortest_retention_of_steps_are_deleted_and_no_others()
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        string[] kept = [Name(today.AddDays(-9)), Name(today), "notes.txt", "old.jsonl"];
        foreach (var file in (string[])[.. kept, Name(today.AddDays(-12)), Name(today.AddDays(-400))])
        {
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, file), "{}\n", Cancellation);
        }

        await using var worker = await Services.WorkerAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("Webhooks:Transcripts:Directory", _folder.FullName),
            ("Webhooks:Retention:Sources:github:Steps", "10.00:00:00"));

        await Eventually.HoldsAsync("the old files are gone", () => Task.FromResult(
            _folder.EnumerateFiles().Select(file => file.Name).ToHashSet(StringComparer.Ordinal).SetEquals(kept)));
    }

    private static string Name(DateOnly day) => $"{day:yyyy-MM-dd}.jsonl";

    private static string Line((Guid Task, Guid Event, string Text) line) =>
        JsonSerializer.Serialize(
            new { ts = "2026-01-31T00:00:00Z", task_id = line.Task, event_id = line.Event, content = line.Text }) + "\n";

    private Transcript Transcript() => new(
        Options.Create(new TranscriptOptions { Directory = _folder.FullName }), TimeProvider.System,
        NullLogger<Transcript>.Instance);
}
