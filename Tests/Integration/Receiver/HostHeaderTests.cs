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

    // A page from elsewhere whose name is made to resolve to this machine (DNS rebinding) sends that name.
    [Theory]
    [InlineData("/messages", "evil.example", "400")]
    [InlineData("/messages", "evil.example:5101", "400")]
    [InlineData("/messages", "localhost.evil.example", "400")]
    [InlineData("/messages", "evil-localhost", "400")]
    [InlineData("/messages", "127.0.0.1.evil.example", "400")]
    [InlineData("/messages", "192.168.0.1", "400")]
    [InlineData("/messages", "[2001:db8::1]", "400")]
    [InlineData("/stats", "evil.example", "400")]
    [InlineData("/stats", "localhost", "200")]
    [InlineData("/messages", "localhost:5101", "200")]
    [InlineData("/messages", "receiver.localhost", "200")]
    [InlineData("/messages", "127.0.0.1:5101", "200")]
    [InlineData("/messages", "[::1]:5101", "200")]
    [InlineData("/events", "evil.example", "401")]
    public async Task What_Development_shows_without_a_token_is_shown_to_pages_of_this_machine_alone(
        string path, string host, string status) =>
        Assert.StartsWith(
            $"HTTP/1.1 {status} ",
            await RawRequest.StatusLineAsync(receiver.Address, $"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            StringComparison.Ordinal);

    [Fact]
    public async Task A_host_in_Punycode_is_a_host() => Assert.StartsWith(
        "HTTP/1.1 200 ",
        await RawRequest.StatusLineAsync(receiver.Address, "GET /health/ready HTTP/1.1\r\nHost: xn--bcher-kva.example\r\n\r\n"),
        StringComparison.Ordinal);
}
