using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>What connections can cost before anybody is verified.</summary>
public sealed class ConnectionTests(TestStack stack)
{
    private const string MaxConnections = "Webhooks:Intake:MaxConnections";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bodies_that_are_announced_and_do_not_come_reserve_little()
    {
        const int count = 100;
        await using var receiver = await Services.ReceiverAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync());
        var arriving = receiver.Services.GetRequiredService<ArrivingBodies>();
        var connections = new List<TcpClient>();
        try
        {
            for (var at = 0; at < count; at++)
            {
                var length = at % 2 == 0 ? 65_536 : 1_000_000;
                var start = $"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{{";
                connections.Add(await SendAsync(receiver.Address, start));
            }

            await Eventually.HoldsAsync(
                "the first byte of each has arrived", () => Task.FromResult(arriving.Reserved >= count * 4096));
            Assert.Equal(count * 4096, arriving.Reserved);
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }

        await Eventually.HoldsAsync("all of it is given back", () => Task.FromResult(arriving.Reserved == 0));
    }

    [Fact]
    public async Task A_connection_above_the_bound_is_not_served_and_another_one_is_when_one_has_ended()
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), (MaxConnections, "2"));

        // The one that asked whether the service is ready may count still.
        using var first = await Eventually.GetAsync("a connection is served", () => ServedAsync(receiver.Address));
        using var second = await Eventually.GetAsync("a second one is served", () => ServedAsync(receiver.Address));
        Assert.Null(await ServedAsync(receiver.Address));

        first.Dispose();
        using var next = await Eventually.GetAsync("another one is served", () => ServedAsync(receiver.Address));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1000001")]
    public async Task A_bound_out_of_its_range_stops_the_start_with_its_name(string value)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var receiver = await Services.ReceiverAsync(
                await stack.NewDatabaseAsync(), await stack.RedisAsync(), (MaxConnections, value));
        });

        Assert.Contains(nameof(IntakeOptions.MaxConnections), exception.GetBaseException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_a_body_of_its_announced_length_is_no_part_of_it()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(database, await stack.RedisAsync());
        using var connection = await SendAsync(receiver.Address, await RequestAsync(Delivery.Body.Length, "and more\r\n\r\n"));
        using var reader = new StreamReader(connection.GetStream());

        var answers = await reader.ReadToEndAsync(Cancellation);

        Assert.StartsWith("HTTP/1.1 202 ", answers, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 400 ", answers, StringComparison.Ordinal);
        var stored = await Sql.ScalarAsync<string>(database, "select convert_from(body, 'UTF8') from webhooks.inbound_events");
        Assert.Equal(Delivery.Body, stored);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task A_body_that_ends_before_its_announced_length_is_not_taken(int missing)
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(database, await stack.RedisAsync());
        using var connection = await SendAsync(receiver.Address, await RequestAsync(Delivery.Body.Length + missing, ""));
        using var reader = new StreamReader(connection.GetStream());
        connection.Client.Shutdown(SocketShutdown.Send);

        // The connection ends when the request has.
        Assert.DoesNotContain(" 202 ", await AnswerAsync(reader), StringComparison.Ordinal);
        Assert.Equal(0, await Sql.CountAsync(database, "webhooks.inbound_events"));
    }

    // Right for the body, whatever length is announced.
    private static async Task<string> RequestAsync(int length, string rest)
    {
        using var signed = SignedRequest.GitHub(Delivery.Body);
        var request = new StringBuilder(
            "POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
        request.Append($"Content-Length: {length}\r\n");
        foreach (var header in signed.Headers)
        {
            request.Append($"{header.Key}: {string.Join(',', header.Value)}\r\n");
        }

        return $"{request}\r\n{await signed.Content!.ReadAsStringAsync(Cancellation)}{rest}";
    }

    private static async Task<TcpClient> SendAsync(Uri address, string request)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, address.Port, Cancellation);
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request), Cancellation);
        return connection;
    }

    /// <returns>The connection, which stays open; null when it was closed without an answer.</returns>
    private static async Task<TcpClient?> ServedAsync(Uri address)
    {
        TcpClient? connection = null;
        try
        {
            connection = await SendAsync(address, "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            if (await connection.GetStream().ReadAsync(new byte[1024], Cancellation) > 0)
            {
                return connection;
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // A reset: closed as well.
        }

        connection?.Dispose();
        return null;
    }

    private static async Task<string> AnswerAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadToEndAsync(Cancellation);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
