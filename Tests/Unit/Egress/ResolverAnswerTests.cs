using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Egress;

namespace Aspire.Webhooks.Tests.Unit.Egress;

/// <summary>A plain HTTPS URL whose name resolves to this and that: what is connected to is what was judged.</summary>
public sealed class ResolverAnswerTests
{
    private const string Name = "https://hooks.example/in";

    public static TheoryData<string> PrivateAnswers =>
    [
        // one answer
        "127.0.0.1", "127.0.0.53", "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "169.254.169.254",
        "169.254.170.2", "168.63.129.16", "172.16.0.1", "172.17.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1",
        "192.31.196.1", "192.52.193.1", "192.88.99.2", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "224.0.0.251", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001::1", "2001:1::1", "2001:2::1", "2001:3::1",
        "2001:4:112::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:db8::1", "2002:a00:1::1", "2002:808:808::1",
        "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::1%1",
        "2606:4700::1111,fe80::1%2", "fec0::1", "ff02::1", "ff0e::1", "1fff::1", "4000::1", "e000::1",

        // several, of which one is private: first, last, in between, of the other family, written as IPv6
        "10.0.0.1,8.8.8.8", "8.8.8.8,10.0.0.1", "8.8.8.8,127.0.0.1,1.1.1.1", "8.8.8.8,8.8.4.4,1.1.1.1,169.254.169.254",
        "8.8.8.8,::1", "2606:4700:4700::1111,127.0.0.1", "8.8.8.8,::ffff:192.168.0.1", "2606:4700:4700::1111,fd00::1",
        "1.1.1.1,0.0.0.0", "8.8.8.8,64:ff9b::a00:1", "1.1.1.1,2002:7f00:1::1", "127.0.0.1,::1",
    ];

    public static TheoryData<string> PublicAddresses =>
    [
        "1.1.1.1", "8.8.8.8", "9.9.9.9", "9.255.255.255", "11.0.0.1", "52.95.110.1", "100.63.255.255", "100.128.0.1",
        "126.255.255.254", "128.0.0.1", "140.82.121.4", "168.63.129.15", "169.253.255.255", "169.255.0.1", "172.15.255.255",
        "172.32.0.1", "185.199.108.153", "192.0.1.1", "192.0.3.1", "192.88.98.1", "192.167.255.255", "192.169.0.1",
        "198.17.255.255", "198.20.0.1", "203.0.112.1", "203.0.114.1", "223.255.255.254", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
        "2000::1", "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700:4700::1111", "2620:4f:8001::1",
        "2a00:1450:4001:80b::200e", "2a01:4f8::1", "3ffe::1", "3fff:1000::1",
    ];

    [Theory]
    [MemberData(nameof(PrivateAnswers))]
    public async Task A_name_of_which_one_answer_is_not_public_is_refused_and_nothing_is_connected_to(string answers)
    {
        var recording = new RecordingGuard(_ => Parse(answers));

        Assert.Null(recording.Guard.Refusal(new Uri(Name)));
        var refused = Assert.IsType<EgressRefusedException>(await recording.SendAsync(new Uri(Name)));

        Assert.Equal("The URL's host is not on the public internet.", refused.Message);
        Assert.Empty(recording.Connects);
    }

    [Theory]
    [MemberData(nameof(PublicAddresses))]
    public async Task A_public_answer_is_what_is_connected_to(string address)
    {
        var recording = new RecordingGuard(_ => Parse(address));

        Assert.IsNotType<EgressRefusedException>(await recording.SendAsync(new Uri(Name)));

        Assert.Equal([new IPEndPoint(IPAddress.Parse(address), 443)], recording.Connects);
        Assert.Equal(1, recording.Resolutions);
    }

    [Theory]
    [MemberData(nameof(PublicAddresses))]
    public async Task A_public_address_in_the_URL_is_connected_to_without_a_resolver(string address)
    {
        var recording = new RecordingGuard(_ => []);
        var url = new Uri(
            address.Contains(':', StringComparison.Ordinal) ? $"https://[{address}]:8443/" : $"https://{address}:8443/");

        Assert.Null(recording.Guard.Refusal(url));
        Assert.IsNotType<EgressRefusedException>(await recording.SendAsync(url));

        Assert.Equal([new IPEndPoint(IPAddress.Parse(address), 8443)], recording.Connects);
        Assert.Equal(0, recording.Resolutions);
    }

    [Theory]
    [InlineData("https://hooks.example/", "hooks.example", 443)]
    [InlineData("https://hooks.example:443/", "hooks.example", 443)]
    [InlineData("https://hooks.example:/", "hooks.example", 443)]
    [InlineData("HTTPS://HOOKS.EXAMPLE:8443/", "hooks.example", 8443)]
    [InlineData("https://hooks.example./", "hooks.example.", 443)]
    [InlineData("https://hooks。example/", "hooks.example", 443)]
    [InlineData("https://bücher.example/", "xn--bcher-kva.example", 443)]
    [InlineData("https://hooks.example/a@b/%2e%2e/?u=http://10.0.0.1#\\", "hooks.example", 443)]
    [InlineData("https://localhost.example/", "localhost.example", 443)]
    [InlineData("https://10.0.0.1.example/", "10.0.0.1.example", 443)]
    [InlineData("https://0x7f.example/", "0x7f.example", 443)]
    public async Task A_plain_name_is_resolved_as_it_stands(string url, string host, int port)
    {
        var resolved = "";
        var recording = new RecordingGuard(name =>
        {
            resolved = name;
            return [IPAddress.Parse("8.8.8.8")];
        });

        Assert.Null(recording.Guard.Refusal(new Uri(url)));
        Assert.IsNotType<EgressRefusedException>(await recording.SendAsync(new Uri(url)));

        Assert.Equal(host, resolved);
        Assert.Equal([new IPEndPoint(IPAddress.Parse("8.8.8.8"), port)], recording.Connects);
    }

    [Fact]
    public async Task A_name_that_changes_between_check_and_connect_changes_nothing_and_the_next_connection_is_refused()
    {
        var answers = new Queue<string>(["8.8.8.8", "127.0.0.1"]);
        var recording = new RecordingGuard(_ => Parse(answers.Dequeue()));

        Assert.IsType<SocketException>(await recording.SendAsync(new Uri(Name)));
        Assert.Equal(1, recording.Resolutions);
        Assert.IsType<EgressRefusedException>(await recording.SendAsync(new Uri(Name)));

        Assert.Equal([IPAddress.Parse("8.8.8.8")], recording.Connects.Select(endpoint => endpoint.Address));
    }

    [Fact]
    public async Task All_public_answers_are_tried_in_their_order()
    {
        var recording = new RecordingGuard(_ => Parse("2606:4700:4700::1111,1.1.1.1,8.8.8.8"));

        Assert.IsType<SocketException>(await recording.SendAsync(new Uri(Name)));

        Assert.Equal(Parse("2606:4700:4700::1111,1.1.1.1,8.8.8.8"), recording.Connects.Select(endpoint => endpoint.Address));
    }

    [Fact]
    public async Task A_name_without_an_address_fails_and_is_not_refused()
    {
        var recording = new RecordingGuard(_ => []);

        Assert.Equal(
            SocketError.HostNotFound, Assert.IsType<SocketException>(await recording.SendAsync(new Uri(Name))).SocketErrorCode);
    }

    [Fact]
    public void A_connection_is_not_kept_for_longer_than_a_minute()
    {
        using var handler = new RecordingGuard(_ => []).Guard.CreateHandler(TimeSpan.FromSeconds(5));

        Assert.Equal(TimeSpan.FromMinutes(1), handler.PooledConnectionLifetime);
        Assert.False(handler.UseProxy);
        Assert.False(handler.AllowAutoRedirect);
    }

    private static IPAddress[] Parse(string answers) => [.. answers.Split(',').Select(IPAddress.Parse)];
}
