using System.Buffers;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class LineConsoleTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Calls _calls = new();
    private readonly LineConsole _console;
    private readonly ILogger _logger;

    public LineConsoleTests()
    {
        _console = new LineConsole(new Plain(), new LogStream(() => _calls), _time);
        _logger = _console.CreateLogger("Some.Category");
    }

    public void Dispose() => _console.Dispose();

    [Fact]
    public void What_is_logged_within_50_ms_is_written_by_one_call()
    {
        Log(LogLevel.Information, "one");
        Log(LogLevel.Information, "two");
        Assert.Empty(_calls.Texts);

        _time.Advance(LineConsole.Wait);
        Log(LogLevel.Information, "three");
        _time.Advance(LineConsole.Wait);

        Assert.Equal(["one\ntwo\n", "three\n"], _calls.Texts);
    }

    [Theory]
    [InlineData(LogLevel.Trace, false)]
    [InlineData(LogLevel.Debug, false)]
    [InlineData(LogLevel.Information, false)]
    [InlineData(LogLevel.Warning, true)]
    [InlineData(LogLevel.Error, true)]
    [InlineData(LogLevel.Critical, true)]
    public void A_warning_or_an_error_is_written_at_once_after_what_waits(LogLevel level, bool isWritten)
    {
        Log(LogLevel.Information, "before");
        Log(level, "now");

        Assert.Equal(isWritten ? ["before\nnow\n"] : [], _calls.Texts);
    }

    [Fact]
    public void A_burst_is_written_before_the_time_is_over_and_whole()
    {
        var line = new string('é', 1000);
        for (var i = 0; i < 100; i++)
        {
            Log(LogLevel.Information, $"{i} {line}");
        }

        Assert.NotEmpty(_calls.Texts);
        _time.Advance(LineConsole.Wait);
        var expected = string.Concat(Enumerable.Range(0, 100).Select(i => $"{i} {line}\n"));
        Assert.Equal(expected, string.Concat(_calls.Texts));
    }

    [Fact]
    public void What_waits_is_written_when_the_host_ends()
    {
        Log(LogLevel.Information, "last");
        _console.Dispose();

        Assert.Equal(["last\n"], _calls.Texts);
    }

    [Fact]
    public void A_stream_that_fails_harms_nobody_who_logs_and_what_comes_later_is_written_once()
    {
        _calls.Fails = true;
        Log(LogLevel.Error, "lost");
        _calls.Fails = false;
        Log(LogLevel.Information, "later");
        _time.Advance(LineConsole.Wait);

        Assert.Equal(["later\n"], _calls.Texts);
    }

    [Fact]
    public void A_value_that_logs_while_it_is_formatted_leaves_both_lines_whole()
    {
        _logger.Log(LogLevel.Information, default, "outer", null, (state, _) =>
        {
            Log(LogLevel.Information, "inner");
            return state;
        });
        _time.Advance(LineConsole.Wait);

        Assert.Equal(["inner\nouter\n"], _calls.Texts);
    }

    [Fact]
    public async Task No_line_of_several_threads_is_lost_or_torn()
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 2000), TestContext.Current.CancellationToken, (i, _) =>
            {
                Log(i % 100 == 0 ? LogLevel.Warning : LogLevel.Information, $"line {i}");
                return ValueTask.CompletedTask;
            });
        _console.Dispose();

        Assert.Equal(
            Enumerable.Range(0, 2000).Select(i => $"line {i}").Order(StringComparer.Ordinal),
            string.Concat(_calls.Texts).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    private void Log(LogLevel level, string text) => _logger.Log(level, default, text, null, (state, _) => state);

    private sealed class Plain : LineFormatter
    {
        public override void Write<TState>(in LogEntry<TState> entry, IBufferWriter<byte> line) =>
            Encoding.UTF8.GetBytes($"{entry.Formatter(entry.State, entry.Exception)}\n", line);
    }

    /// <summary>Remembers what each call wrote.</summary>
    private sealed class Calls : MemoryStream
    {
        public List<string> Texts { get; } = [];

        public bool Fails { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Fails)
            {
                throw new IOException("No space left on device");
            }

            Texts.Add(Encoding.UTF8.GetString(buffer));
        }
    }
}
