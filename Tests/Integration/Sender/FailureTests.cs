using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class FailureTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_connection_is_a_network_failure()
    {
        var (outcome, error) = await AttemptAsync(new Uri($"http://127.0.0.1:{UnusedPort()}/"));

        Assert.Equal("network", outcome);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0garbage\0\r\n\r\n")]
    [InlineData("HTTP/1.1 2\u00000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    public async Task An_answer_that_is_no_HTTP_is_a_network_failure(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = AnswerRawAsync(listener, Encoding.Latin1.GetBytes(answer));

        var (outcome, error) = await AttemptAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"));

        Assert.Equal("network", outcome);
        Assert.NotEmpty(error);
        await serving;
    }

    [Fact]
    public async Task A_server_that_never_answers_is_a_timeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var (outcome, error) = await AttemptAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"));

        Assert.Equal(("timeout", "No answer within 1 s."), (outcome, error));
    }

    [Fact]
    public async Task A_server_that_never_shakes_hands_is_a_timeout_of_the_connection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");

        var (outcome, error) = await AttemptAsync(url, timeout: "00:00:30", ("Webhooks:Delivery:ConnectTimeout", "00:00:00.5"));

        Assert.Equal(("timeout", "No connection within 0.5 s."), (outcome, error));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_a_tls_failure_and_nothing_is_posted()
    {
        using var certificate = OwnCertificate();
        await using var server = await MerchantServer.StartAsync(certificate: certificate);

        var (outcome, _) = await AttemptAsync(new Uri($"https://127.0.0.1:{server.Port}/"));

        Assert.Equal("tls", outcome);
        Assert.Empty(server.All);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_plain_server_behind_an_https_URL_is_a_tls_failure()
    {
        await using var server = await MerchantServer.StartAsync();

        var (outcome, _) = await AttemptAsync(new Uri($"https://127.0.0.1:{server.Port}/"));

        Assert.Equal("tls", outcome);
        Assert.Empty(server.All);
    }

    private async Task<(string Outcome, string Error)> AttemptAsync(
        Uri url, string timeout = "00:00:01", params (string Key, string Value)[] settings)
    {
        var outbox = new Outbox(await stack.NewDatabaseAsync());
        await using var sender = await Services.SenderAsync(
            outbox.Database, await stack.RedisAsync(), [("Webhooks:Delivery:Timeout", timeout), .. settings]);
        await outbox.AddEndpointAsync(url);
        await outbox.PublishAsync();
        var attempt = (await outbox.AttemptsAsync(1))[0];
        Assert.Equal((1, null, null), (attempt.Attempt, attempt.StatusCode, attempt.ResponseBody));
        return (attempt.Outcome, attempt.Error!);
    }

    private static async Task AnswerRawAsync(TcpListener listener, byte[] answer)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancellation);
        var request = new byte[4096];
        Assert.NotEqual(0, await client.GetStream().ReadAsync(request, Cancellation));
        await client.GetStream().WriteAsync(answer, Cancellation);
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static X509Certificate2 OwnCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
