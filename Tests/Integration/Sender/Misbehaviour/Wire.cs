using System.Net.Sockets;
using System.Text;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Time.Testing;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>One connection as the server has it: every byte is the script's, and so is the clock.</summary>
/// <param name="number">1 for the server's first connection.</param>
internal sealed class Wire(int number, Socket socket, Stream stream, Meter server, Meter client, FakeTimeProvider clock)
{
    public int Number => number;

    public DateTimeOffset Now => clock.GetUtcNow();

    public Stream Stream => stream;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Reads the POST to its end.</summary>
    public async Task RequestAsync()
    {
        var read = new List<byte>();
        var buffer = new byte[4096];
        while (!IsWhole(Encoding.ASCII.GetString([.. read])))
        {
            var length = await stream.ReadAsync(buffer, Cancellation);
            Assert.NotEqual(0, length);
            read.AddRange(buffer[..length]);
        }
    }

    /// <summary>Reads what the client says first, such as its part of a handshake.</summary>
    public async Task HelloAsync() => Assert.NotEqual(0, await stream.ReadAsync(new byte[4096], Cancellation));

    /// <summary>Waits until the client hangs up, which has nothing to say.</summary>
    public async Task NothingAsync() => Assert.Equal(0, await stream.ReadAsync(new byte[1], Cancellation));

    public Task SayAsync(string text) => SayAsync(Encoding.Latin1.GetBytes(text));

    public async Task SayAsync(byte[] bytes)
    {
        await stream.WriteAsync(bytes, Cancellation);
        await stream.FlushAsync(Cancellation);
    }

    /// <summary>Says something each second of so many, each time once the client has read all and waits for more.</summary>
    public async Task DripAsync(int seconds, Func<int, string> text)
    {
        for (var second = 1; second <= seconds; second++)
        {
            await SayAsync(text(second));
            await PassAsync(1);
        }
    }

    /// <summary>Lets time go by once the client has read all and waits for more.</summary>
    public async Task PassAsync(int seconds)
    {
        await Eventually.HoldsAsync("the client waits", () => Task.FromResult(client.Waits && client.Read == server.Written));
        clock.Advance(TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Says something until the client hangs up.</summary>
    public async Task SayWithoutEndAsync(byte[] bytes)
    {
        while (true)
        {
            await SayAsync(bytes);
        }
    }

    /// <summary>Ends the connection by a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    private static bool IsWhole(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end >= 0 && request.Length - end - 4 == Delivery.Payload.Length;
    }
}
