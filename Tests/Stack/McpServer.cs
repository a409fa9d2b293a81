using System.Diagnostics;
using System.Text.Json;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>The Worker's <c>mcp</c> as a process, spoken to line by line.</summary>
public sealed class McpServer : IDisposable
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    private readonly Process _process;
    private int _id;

    private McpServer(Process process)
    {
        _process = process;
        Log = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What it wrote to standard error, once it has ended.</summary>
    public Task<string> Log { get; }

    public static McpServer Start(IEnumerable<string> arguments, params (string Key, string Value)[] settings)
    {
        var (assembly, folder) = ServiceProcess.WorkerFiles;
        var start = new ProcessStartInfo("dotnet", [assembly, "mcp", .. arguments])
        {
            WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return new(Process.Start(start)!);
    }

    /// <summary>Begins the session.</summary>
    public Task<JsonElement> InitializeAsync() => SendAsync(Initialize);

    /// <summary>Calls a tool with arguments as they are written, and returns its result.</summary>
    public async Task<JsonElement> CallRawAsync(string tool, string arguments)
    {
        var call = $$$"""{"name":"{{{tool}}}","arguments":{{{arguments}}}}""";
        var answer = await SendAsync($$$"""{"jsonrpc":"2.0","id":{{{++_id}}},"method":"tools/call","params":{{{call}}}}""");
        return answer.GetProperty("result");
    }

    /// <summary>The tools as the server lists them.</summary>
    public async Task<JsonElement> ListToolsAsync() => (await SendAsync(
        JsonSerializer.Serialize(new { jsonrpc = "2.0", id = ++_id, method = "tools/list", @params = new { } })))
        .GetProperty("result");

    /// <summary>Calls a tool, and returns its result.</summary>
    public async Task<JsonElement> CallAsync(string tool, object? arguments = null)
    {
        var answer = await SendAsync(Request(tool, arguments));
        Assert.Equal(_id, answer.GetProperty("id").GetInt32());
        return answer.GetProperty("result");
    }

    /// <summary>Makes a call several times without waiting for an answer, and returns the results as they come.</summary>
    public async Task<IReadOnlyList<JsonElement>> CallAtOnceAsync(int times, string tool, object arguments)
    {
        var requests = Enumerable.Range(0, times).Select(_ => Request(tool, arguments));
        List<JsonElement> answers = [await SendAsync(string.Join('\n', requests))];
        while (answers.Count < times)
        {
            answers.Add(await ReadAsync());
        }

        return answers.ConvertAll(answer => answer.GetProperty("result"));
    }

    /// <summary>A result's first text.</summary>
    public static string Text(JsonElement result) => result.GetProperty("content")[0].GetProperty("text").GetString()!;

    public static bool IsError(JsonElement result) => result.TryGetProperty("isError", out var error) && error.GetBoolean();

    /// <summary>Ends its input, and returns its exit code with what it wrote after the last answer.</summary>
    public async Task<(int ExitCode, string Output)> EndAsync()
    {
        _process.StandardInput.Close();
        var output = await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (_process.ExitCode, output);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<JsonElement> SendAsync(string request)
    {
        await _process.StandardInput.WriteLineAsync(request);
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        return await ReadAsync();
    }

    private string Request(string tool, object? arguments)
    {
        var call = new { name = tool, arguments = arguments ?? new { } };
        return JsonSerializer.Serialize(new { jsonrpc = "2.0", id = ++_id, method = "tools/call", @params = call });
    }

    private async Task<JsonElement> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
            ? JsonElement.Parse(line)
            : throw new InvalidOperationException($"The server has ended:\n{await Log}");
}
