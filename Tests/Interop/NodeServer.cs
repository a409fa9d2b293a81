using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>A verifying HTTP server of this folder; it reports each request to <see cref="Received"/>.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task reading;
    private readonly Channel<JsonElement> received = Channel.CreateUnbounded<JsonElement>();
    private readonly StringBuilder errors = new();

    private NodeServer(Process process)
    {
        this.process = process;
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        reading = ReadAsync();
    }

    public Uri Uri { get; private set; } = null!;

    public int Port => Uri.Port;

    public ChannelReader<JsonElement> Received => received.Reader;

    public static async Task<NodeServer> StartAsync(
        string script, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation)
    {
        var server = new NodeServer(Node.Start(script, [], environment));
        try
        {
            var first = await server.Received.ReadAsync(cancellation);
            server.Uri = new Uri($"http://127.0.0.1:{first.GetProperty("listening").GetInt32()}/");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        await reading;
        process.Dispose();
    }

    private async Task ReadAsync()
    {
        Exception? failure = null;
        try
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                received.Writer.TryWrite(JsonElement.Parse(line));
            }

            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                failure = new InvalidOperationException($"the node server exited with {process.ExitCode}: {errors}");
            }
        }
        catch (JsonException exception)
        {
            failure = exception;
        }

        received.Writer.Complete(failure);
    }
}
