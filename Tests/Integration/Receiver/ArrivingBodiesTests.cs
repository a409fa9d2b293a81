using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class ArrivingBodiesTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Large_bodies_that_are_held_back_keep_out_large_ones_alone_and_only_while_they_last()
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("Webhooks:Intake:ArrivingBytes", "1048576"),
            ("Webhooks:Intake:RetryAfter", "00:00:07"));
        using var client = receiver.NewClient();
        var large = $"\"{new string('x', 900_000)}\"";
        using (var held = await HoldAsync(receiver.Address))
        {
            // Not seen by posting: on a busy machine the large one would come first, and the held one be refused.
            var arriving = receiver.Services.GetRequiredService<ArrivingBodies>();
            await Eventually.HoldsAsync("the held body has arrived", () => Task.FromResult(arriving.Reserved >= 900_000));

            var refused = await client.PostAsync(SignedRequest.GitHub(large));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(7)), (refused.Status, refused.RetryAfter));
            Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync(SignedRequest.GitHub(Delivery.Body))).Status);
        }

        await Eventually.HoldsAsync("there is room again", async () =>
            (await client.PostAsync(SignedRequest.GitHub(large))).Status == HttpStatusCode.Accepted);
    }

    private static async Task<TcpClient> HoldAsync(Uri address)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, address.Port, Cancellation);
        var start =
            $"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{new string('x', 900_000)}";
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(start), Cancellation);
        return connection;
    }
}
