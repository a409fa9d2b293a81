using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Interop.Mcp;

/// <summary>What a tool answered.</summary>
internal sealed record McpAnswer(bool IsError, IReadOnlyList<string> Texts)
{
    /// <summary>The answer's first text, as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Texts[0]);

    public string Whole => string.Join('\n', Texts);
}

/// <summary>
/// An agent outside: the official TypeScript client, which has started the Worker's MCP server as its configuration says.
/// </summary>
internal sealed class McpSession : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private McpSession(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => _errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>What the server said of itself: <c>server</c>, <c>instructions</c>, <c>tools</c>.</summary>
    public JsonElement Server { get; private set; }

    /// <summary>What the server logged so far.</summary>
    public string Log => _errors.ToString();

    public static async Task<McpSession> StartAsync(
        string database, string name = "tester", params (string Key, string Value)[] settings)
    {
        var (assembly, folder) = ServiceProcess.WorkerFiles;
        var environment = settings.ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.Ordinal);
        environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        environment["ConnectionStrings__webhooks"] = database;
        var session = new McpSession(
            Node.Start("mcp-client.mjs", ["dotnet", assembly, "mcp", "--name", name], environment, folder));
        try
        {
            session.Server = await session.ReadAsync();
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public async Task<McpAnswer> CallAsync(string tool, object arguments)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { name = tool, arguments }));
        await _process.StandardInput.FlushAsync();
        var result = await ReadAsync();
        Assert.Empty(result.GetProperty("noise").EnumerateArray());
        return new(
            result.TryGetProperty("isError", out var error) && error.GetBoolean(),
            [.. result.GetProperty("content").EnumerateArray().Select(block => block.GetProperty("text").GetString()!)]);
    }

    /// <summary>The answer of a call that must succeed.</summary>
    public async Task<JsonElement> OkAsync(string tool, object arguments)
    {
        var answer = await CallAsync(tool, arguments);
        Assert.False(answer.IsError, $"{tool}: {answer.Whole}");
        return answer.Json;
    }

    /// <summary>What the model is told of a call that must not succeed.</summary>
    public async Task<string> RefusedAsync(string tool, object arguments)
    {
        var answer = await CallAsync(tool, arguments);
        Assert.True(answer.IsError, $"{tool} is not refused: {answer.Whole}");
        Assert.DoesNotContain("   at ", answer.Whole, StringComparison.Ordinal);
        return answer.Whole;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task<JsonElement> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
            ? JsonElement.Parse(line)
            : throw new InvalidOperationException($"The client has ended:\n{Log}");
}
