using System.Net;
using Aspire.Webhooks.Egress;

namespace Aspire.Webhooks.Tests.Unit.Egress;

public sealed class LoopbackAllowanceTests
{
    [Theory]
    [InlineData("127.0.0.1:5101", "http://127.0.0.1:5101/")]
    [InlineData("127.0.0.1:*", "https://127.0.0.1/")]
    [InlineData("127.0.0.1:*", "http://2130706433:80/")]
    [InlineData("127.8.9.10:443", "https://127.8.9.10/")]
    [InlineData("localhost:*", "http://LOCALHOST:8080/")]
    [InlineData("LocalHost:8080", "http://localhost:8080/")]
    [InlineData("hooks.localhost:443", "https://hooks.localhost/")]
    [InlineData("[::1]:*", "http://[::1]:8080/")]
    [InlineData("[::1]:443", "https://[0:0:0:0:0:0:0:1]/")]
    public async Task What_an_entry_names_is_connected_to(string entry, string url)
    {
        var recording = new RecordingGuard(_ => [IPAddress.Loopback], loopback: [entry]);

        Assert.Null(recording.Guard.Refusal(new Uri(url)));
        Assert.IsNotType<EgressRefusedException>(await recording.SendAsync(new Uri(url)));

        Assert.Equal(new Uri(url).Port, Assert.Single(recording.Connects).Port);
    }

    [Theory]
    [InlineData("127.0.0.1:5101", "http://127.0.0.1:5102/")]
    [InlineData("127.0.0.1:5101", "https://127.0.0.1/")]
    [InlineData("127.0.0.1:*", "http://127.0.0.2/")]
    [InlineData("127.0.0.1:*", "http://localhost/")]
    [InlineData("127.0.0.1:*", "http://[::ffff:127.0.0.1]/")]
    [InlineData("127.0.0.1:*", "http://8.8.8.8/")]
    [InlineData("127.0.0.1:*", "https://hooks.example/")]
    [InlineData("localhost:*", "http://127.0.0.1/")]
    [InlineData("localhost:*", "https://localhost./")]
    [InlineData("localhost:*", "https://hooks.localhost/")]
    [InlineData("localhost:*", "http://hooks.example/")]
    [InlineData("localhost:*", "http://user@localhost/")]
    [InlineData("localhost:*", "ftp://localhost/")]
    [InlineData("localhost:*", "https://localhost:0/")]
    [InlineData("[::1]:*", "https://127.0.0.1/")]
    [InlineData("[::1]:*", "https://[::1%251]/")]
    public async Task What_no_entry_names_is_refused(string entry, string url)
    {
        var recording = new RecordingGuard(_ => [IPAddress.Loopback], loopback: [entry]);

        await recording.SendAsync(new Uri(url));

        Assert.Empty(recording.Connects);
    }

    [Fact]
    public async Task A_name_of_localhosts_that_leads_elsewhere_is_refused_all_the_same()
    {
        var recording = new RecordingGuard(_ => [IPAddress.Parse("10.0.0.1")], loopback: ["localhost:*"]);

        Assert.IsType<EgressRefusedException>(await recording.SendAsync(new Uri("http://localhost/")));

        Assert.Empty(recording.Connects);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+80")]
    [InlineData("127.0.0.1: 80")]
    [InlineData("127.0.0.1:http")]
    [InlineData("127.0.0.1:**")]
    [InlineData("127.1:80")]
    [InlineData("0x7f.0.0.1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("10.0.0.1:80")]
    [InlineData("8.8.8.8:443")]
    [InlineData("0.0.0.0:80")]
    [InlineData("*:*")]
    [InlineData("*:80")]
    [InlineData("::1:80")]
    [InlineData("[::1]")]
    [InlineData("[::1]80")]
    [InlineData("[::2]:80")]
    [InlineData("[::1%1]:80")]
    [InlineData("[0:0:0:0:0:0:0:1]:80")]
    [InlineData("localhost")]
    [InlineData("localhost.:80")]
    [InlineData("[localhost]:80")]
    [InlineData(".localhost:80")]
    [InlineData("local host:80")]
    [InlineData("hooks.example:443")]
    [InlineData("localhost.example:443")]
    [InlineData("http://localhost:80")]
    [InlineData("user@localhost:80")]
    [InlineData(" localhost:80")]
    [InlineData(" ")]
    public void A_malformed_entry_is_none(string entry) => Assert.Null(LoopbackAllowance.Parse(entry));
}
