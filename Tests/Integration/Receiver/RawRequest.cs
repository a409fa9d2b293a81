using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>Bytes on a socket, for what an HttpClient does not send.</summary>
public static class RawRequest
{
    /// <summary>Sends the text and leaves the connection open until the first line of the answer is there.</summary>
    public static async Task<string?> StatusLineAsync(Uri address, string request)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, address.Port, cancellation);
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request), cancellation);
        using var reader = new StreamReader(connection.GetStream());
        return await reader.ReadLineAsync(cancellation);
    }
}
