using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class SlowBodyTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Both clients never send more: the answer and the end of the connection come by the Receiver's own clock.
    [Theory]
    [InlineData("Content-Length: 1000")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task A_body_that_does_not_arrive_in_time_is_answered_408_and_cut_off(string header)
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("Webhooks:Intake:BodyTimeout", "00:00:01"));
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, receiver.Address.Port, Cancellation);
        var start = $"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{header}\r\n\r\n";
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(start), Cancellation);

        using var reader = new StreamReader(connection.GetStream());
        var status = await reader.ReadLineAsync(Cancellation);

        Assert.StartsWith("HTTP/1.1 408 ", status, StringComparison.Ordinal);
        await EndsAsync(reader);
    }

    // Kestrel gives the rest of a body some seconds, then resets the connection or closes it.
    private static async Task EndsAsync(StreamReader reader)
    {
        try
        {
            await reader.ReadToEndAsync(Cancellation);
        }
        catch (IOException)
        {
            // The reset: an end as good as any.
        }
    }
}
