using Aspire.Webhooks.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class TrustedProxyTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    [InlineData("10.0.0.0/8", "", "127.0.0.1/32")]
    public async Task The_address_and_the_scheme_come_from_a_trusted_proxy(params string[] networks) =>
        Assert.Equal("https from 93.184.215.14", await AskAsync("93.184.215.14", networks));

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/8")]
    public async Task Whoever_is_no_trusted_proxy_is_not_believed(params string[] networks) =>
        Assert.Equal("http from 127.0.0.1", await AskAsync("93.184.215.14", networks));

    // A caller can write a header of its own, which the proxy completes.
    [Fact]
    public async Task Only_the_last_address_is_the_proxys_word() =>
        Assert.Equal("https from 93.184.215.14", await AskAsync("8.8.8.8, 93.184.215.14", "127.0.0.1"));

    [Fact]
    public async Task With_two_proxies_the_address_is_that_of_the_first_ones_caller()
    {
        await using var service = await StartAsync(
            ("Webhooks:Proxies:Hops", "2"), ("Webhooks:Proxies:Networks:0", "127.0.0.1"),
            ("Webhooks:Proxies:Networks:1", "10.0.0.5"));

        Assert.Equal("https from 93.184.215.14", await AskAsync(service, "8.8.8.8, 93.184.215.14, 10.0.0.5"));
    }

    [Fact]
    public void A_text_that_is_no_network_is_an_error() => Assert.Equal(
        ["Webhooks:Proxies:Networks:1 must be an address or a network, such as 10.0.0.0/8."],
        new ProxyOptions { Networks = ["::1", "proxy.example.com", "fd00::/8", " "] }.Errors(), StringComparer.Ordinal);

    private static async Task<string> AskAsync(string forwardedFor, params string[] networks)
    {
        await using var service = await StartAsync(
            [.. networks.Select((network, at) => ($"Webhooks:Proxies:Networks:{at}", network))]);
        return await AskAsync(service, forwardedFor);
    }

    private static async Task<string> AskAsync(ServiceHost service, string forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who");
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static Task<ServiceHost> StartAsync(params (string Key, string Value)[] settings) => ServiceHost.StartAsync(
        configure: null,
        app => app.MapGet("/who", (HttpContext context) => $"{context.Request.Scheme} from {context.Connection.RemoteIpAddress}"),
        settings);
}
