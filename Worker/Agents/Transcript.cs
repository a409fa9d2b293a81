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

        for (var tries = 1; ; tries++)
        {
            try
            {
                await using var file = new FileStream(path, mode);
                await file.WriteAsync(line);
                return;
            }
            catch (IOException) when (tries < MaxTries)
            {
                await Task.Delay(RetryDelay, time);
            }
        }
    }

    [LoggerMessage(
        EventId = 3401, Level = LogLevel.Error, Message = "The transcript cannot be written; the steps are in the database.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
