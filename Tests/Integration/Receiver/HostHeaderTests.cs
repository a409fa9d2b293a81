namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class HostHeaderTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    [Theory]
    [InlineData("POST /webhooks/github", "xn--0")]
    [InlineData("POST /webhooks/twilio", "xn--a-.example")]
    [InlineData("GET /openapi/v1.json", "xn--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("GET /health/ready", "xn--0")]
    public async Task A_host_that_is_no_name_is_answered_400(string request, string host) => Assert.StartsWith(
        "HTTP/1.1 400 ",
        await RawRequest.StatusLineAsync(receiver.Address, $"{request} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_host_in_Punycode_is_a_host() => Assert.StartsWith(
        "HTTP/1.1 200 ",
        await RawRequest.StatusLineAsync(receiver.Address, "GET /health/ready HTTP/1.1\r\nHost: xn--bcher-kva.example\r\n\r\n"),
        StringComparison.Ordinal);
}
