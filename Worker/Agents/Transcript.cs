using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Settings of transcripts, which are copies of the steps of agents. Section <c>Webhooks:Transcripts</c>.</summary>
public sealed class TranscriptOptions
{
    public const string Section = "Webhooks:Transcripts";

    /// <summary>
    /// The folder of the files <c>{yyyy-MM-dd}.jsonl</c> (UTC), with one line per step. Not set: no transcripts are written, and
    /// the steps are only in the database. A crash after a step was stored can lose its line, but never doubles it.
    /// </summary>
    public string Directory { get; set; } = "";
}

/// <summary>
/// Writes the stored, redacted steps to one file of JSON lines per day. If a file cannot be written, the first failure is logged
/// and the lines are lost.
/// </summary>
public sealed partial class Transcript(
    IOptions<TranscriptOptions> options, TimeProvider time, ILogger<Transcript> logger) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(5);
    private const int MaxTries = 100;

    private readonly SemaphoreSlim _writing = new(1);
    private bool _fails;

    /// <summary>Whether a folder is configured.</summary>
    public bool IsKept => options.Value.Directory.Length > 0;

    public async Task WriteAsync(AgentWork work, TaskStep step)
    {
        if (!IsKept)
        {
            return;
        }

        var now = time.GetUtcNow();
        var line = Line(work, step, now);
        await _writing.WaitAsync();
        try
        {
            await AppendAsync(Path.Combine(options.Value.Directory, $"{now:yyyy-MM-dd}.jsonl"), line);
            _fails = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_fails)
            {
                LogFailed(logger, exception);
            }

            _fails = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    /// <summary>The files there are, by the day of their lines (UTC).</summary>
    public IReadOnlyList<(DateOnly Day, string Path)> Files() => Directory.Exists(options.Value.Directory)
        ?
        [
            .. Directory.EnumerateFiles(options.Value.Directory, "*.jsonl")
                .Select(path => (Day: Day(path), Path: path)).Where(file => file.Day is not null)
                .Select(file => (file.Day!.Value, file.Path)),
        ]
        : [];

    /// <summary>
    /// Removes the lines of some events or tasks from a file. The other lines move up in place: a crash meanwhile can double
    /// some of them, and loses none. Processes that share the folder wait for their turn; a line that waits too long is lost.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for other lines. A removal that has begun goes on.</param>
    public async Task LeaveOutAsync(string path, IReadOnlySet<Guid> ids, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await using var file = await OpenAsync(path, new()
            {
                Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0,
            });
            var (read, kept) = (0L, 0L);
            var lines = PipeReader.Create(file, new StreamPipeReaderOptions(leaveOpen: true));
            ReadResult result;
            do
            {
                result = await lines.ReadAsync(CancellationToken.None);
                var rest = result.Buffer;
                while (NextLine(ref rest, result.IsCompleted) is { } line)
                {
                    if (IsAbout(line, ids))
                    {
                        // Otherwise a crash could leave the end of the line.
                        await RandomAccess.WriteAsync(file.SafeFileHandle, Blank(line.Length), read, CancellationToken.None);
                    }
                    else
                    {
                        if (kept < read)
                        {
                            await RandomAccess.WriteAsync(file.SafeFileHandle, line, kept, CancellationToken.None);
                        }

                        kept += line.Length;
                    }

                    read += line.Length;
                }

                lines.AdvanceTo(rest.Start, rest.End);
            }
            while (!result.IsCompleted);

            await lines.CompleteAsync();
            if (kept < read)
            {
                file.SetLength(kept);
            }
        }
        catch (FileNotFoundException)
        {
            // Another process has deleted it.
        }
        finally
        {
            _writing.Release();
        }
    }

    private static DateOnly? Day(string path) =>
        DateOnly.TryParseExact(
            Path.GetFileNameWithoutExtension(path), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    // With its line feed; the last line of a file that a crash has cut has none.
    private static byte[]? NextLine(ref ReadOnlySequence<byte> rest, bool isLast)
    {
        var end = rest.PositionOf((byte)'\n') is { } found ? rest.GetPosition(1, found) : rest.End;
        if (rest.IsEmpty || (end.Equals(rest.End) && !isLast && rest.PositionOf((byte)'\n') is null))
        {
            return null;
        }

        var line = rest.Slice(0, end).ToArray();
        rest = rest.Slice(end);
        return line;
    }

    private static byte[] Blank(int length) => [.. Enumerable.Repeat((byte)' ', length - 1), (byte)'\n'];

    private static bool IsAbout(byte[] line, IReadOnlySet<Guid> ids)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return ids.Contains(json.RootElement.GetProperty("task_id").GetGuid())
                || ids.Contains(json.RootElement.GetProperty("event_id").GetGuid());
        }
        catch (Exception exception) when (
            exception is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static byte[] Line(AgentWork work, TaskStep step, DateTimeOffset now) =>
    [
        .. JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Ts = now,
                TaskId = work.Task.Id,
                EventId = work.Event.Id,
                Playbook = work.Playbook.Name,
                work.Playbook.Options.Agent,
                step.Position,
                step.Kind,
                step.Tool,
                step.Content,
                Data = step.Data is null ? (JsonElement?)null : JsonElement.Parse(step.Data),
                step.Failed,
                DurationMs = (int)step.Duration.TotalMilliseconds,
                step.InputTokens,
                step.OutputTokens,
                TraceId = WebhookTelemetry.TraceId(work.Task.Traceparent),
            },
            Json),
        (byte)'\n',
    ];

    // Only the owner can read the files, because they contain the text of customers.
    private async Task AppendAsync(string path, byte[] line)
    {
        // To append is to find the end and then to write, so processes that share the folder open the file exclusively.
        var mode = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.None,
            BufferSize = 0 };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        else
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = await OpenAsync(path, mode);
        await file.WriteAsync(line);
    }

    private async Task<FileStream> OpenAsync(string path, FileStreamOptions mode)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return new FileStream(path, mode);
            }
            catch (IOException exception) when (tries < MaxTries && exception is not FileNotFoundException)
            {
                await Task.Delay(RetryDelay, time);
            }
        }
    }

    [LoggerMessage(
        EventId = 3401, Level = LogLevel.Error, Message = "The transcript cannot be written; the steps are in the database.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
