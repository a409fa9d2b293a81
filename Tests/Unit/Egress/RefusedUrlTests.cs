using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Unit.Egress;

/// <summary>
/// URLs that lead, or that some reader of URLs takes to lead, into our own network. Every name resolves to 127.0.0.1 here, and
/// {0} is the port of a listener there: whatever gets past the guard is seen by it.
/// </summary>
public sealed class RefusedUrlTests
{
    public static TheoryData<string> Spellings =>
    [
        // IPv4: decimal, octal, hexadecimal, short, mixed
        "https://127.0.0.1:{0}/", "https://127.0.0.2:{0}/", "https://127.255.255.254:{0}/", "https://2130706433:{0}/", "https://0x7f000001:{0}/",
        "https://0X7F000001:{0}/", "https://017700000001:{0}/", "https://0x7f.0.0.1:{0}/", "https://0x7f.0x0.0x0.0x1:{0}/", "https://0177.0.0.1:{0}/",
        "https://0177.0.0.01:{0}/", "https://00000177.1:{0}/", "https://127.1:{0}/", "https://127.0.1:{0}/", "https://127.0x1:{0}/", "https://0x7f.1:{0}/",
        "https://127.000.000.001:{0}/", "https://0:{0}/", "https://0.0.0.0:{0}/", "https://0.0:{0}/", "https://1:{0}/", "https://0x0:{0}/",
        "https://3232235521:{0}/", "https://0300.0250.0.1:{0}/", "https://0xc0a80001:{0}/", "https://192.168.1:{0}/", "https://10.1:{0}/", "https://167772161:{0}/",
        "https://2852039166/latest/meta-data/", "https://0xa9fea9fe/latest/meta-data/", "https://0251.0376.0251.0376/latest/meta-data/", "https://169.254.43518/latest/meta-data/",

        // no address at all, but something a resolver may take for one
        "https://127.0.0.1.:{0}/", "https://2130706433.:{0}/", "https://256.1.1.1:{0}/", "https://127.0.0.256:{0}/", "https://4294967296:{0}/", "https://0x100000000:{0}/",
        "https://08.0.0.1:{0}/", "https://1.2.3.4.5:{0}/", "https://hooks.0x7f:{0}/", "https://hooks.1:{0}/", "https://0x:{0}/", "https://0x7f.0x:{0}/",

        // metadata services and private ranges, plainly
        "https://169.254.169.254/latest/meta-data/", "https://169.254.170.2/v2/credentials", "https://168.63.129.16/metadata/instance", "https://100.100.100.200/",
        "https://192.0.0.192/opc/v2/", "https://10.0.0.1:{0}/", "https://172.16.0.1:{0}/", "https://172.31.255.255:{0}/", "https://192.168.0.1:{0}/", "https://100.64.0.1:{0}/",
        "https://198.18.0.1:{0}/", "https://224.0.0.1:{0}/", "https://255.255.255.255:{0}/", "https://192.88.99.1:{0}/", "https://240.0.0.1:{0}/",

        // IPv6: short, long, mapped, compatible, translated, tunnelled, zones
        "https://[::1]:{0}/", "https://[0:0:0:0:0:0:0:1]:{0}/", "https://[0000:0000:0000:0000:0000:0000:0000:0001]:{0}/", "https://[::]:{0}/", "https://[::0.0.0.1]:{0}/",
        "https://[::ffff:127.0.0.1]:{0}/", "https://[::FFFF:7F00:1]:{0}/", "https://[::ffff:10.0.0.1]:{0}/", "https://[::ffff:169.254.169.254]:{0}/", "https://[::ffff:0:127.0.0.1]:{0}/",
        "https://[::127.0.0.1]:{0}/", "https://[::8.8.8.8]:{0}/", "https://[64:ff9b::127.0.0.1]:{0}/", "https://[64:ff9b::a9fe:a9fe]:{0}/", "https://[64:ff9b:1::8.8.8.8]:{0}/",
        "https://[2002:7f00:1::]:{0}/", "https://[2002:808:808::]:{0}/", "https://[2001::1]:{0}/", "https://[2001:20::1]:{0}/", "https://[2001:db8::1]:{0}/", "https://[3fff::1]:{0}/",
        "https://[5f00::1]:{0}/", "https://[100::1]:{0}/", "https://[100:0:0:1::1]:{0}/", "https://[fd00:ec2::254]/latest/meta-data/", "https://[fd20:ce::254]/", "https://[fc00::1]:{0}/",
        "https://[fe80::1]:{0}/", "https://[fe80::1%1]:{0}/", "https://[fe80::1%25eth0]:{0}/", "https://[::1%25lo]:{0}/", "https://[2606:4700:4700::1111%25lo]:{0}/", "https://[fec0::1]:{0}/",
        "https://[ff02::1]:{0}/", "https://[4000::1]:{0}/",

        // names of this machine
        "https://localhost:{0}/", "https://LOCALHOST:{0}/", "https://localhost.:{0}/", "https://hooks.localhost:{0}/", "https://hooks.LocalHost.:{0}/", "https://localhost/",
        "https://localhost.localdomain:{0}/", "https://ip6-localhost:{0}/", "https://127.0.0.1.nip.io:{0}/", "https://metadata.google.internal:{0}/", "https://intranet:{0}/", "https://a_b.example:{0}/",

        // other scripts' dots, digits and letters
        "https://127。0。0。1:{0}/", "https://127．0．0．1:{0}/", "https://127｡0｡0｡1:{0}/", "https://１２７.０.０.１:{0}/", "https://①②⑦.0.0.1:{0}/", "https://１2７。0．0｡1:{0}/",
        "https://０x7f.1:{0}/", "https://０:{0}/", "https://ⓛocalhost:{0}/", "https://ⅼocalhost:{0}/", "https://ｌｏｃａｌｈｏｓｔ:{0}/", "https://local\u00ADhost:{0}/", "https://localhost\u200B:{0}/",
        "https://hooks。localhost:{0}/", "https://xn--:{0}/",

        // who is who: credentials, backslashes, escapes, blanks, further colons
        "https://public.example@127.0.0.1:{0}/", "https://public.example:443@127.0.0.1:{0}/", "https://user:password@public.example/", "https://@127.0.0.1:{0}/", "https://:@127.0.0.1:{0}/",
        "https://@public.example/",
        "https://public.example%2f@127.0.0.1:{0}/",
        "https://1.1.1.1 &@127.0.0.1:{0}# @2.2.2.2/", "\thttps://public.example:{0}/",
        " https://public.example:{0}/", "https://127.0.0.1:{0}#@public.example/", "https://127.0.0.1:{0}?@public.example/",
        "https://[::1]public.example:{0}/", "https://-a.example:{0}/",
        "https://public.example:0/", "https://8.8.8.8:0/",
        $"https://{new string('a', 64)}.example/", $"https://{string.Join('.', Enumerable.Repeat(new string('a', 60), 5))}/", $"https://{string.Join('.', Enumerable.Repeat("ä", 60))}.example/",

        // anything but HTTPS
        "http://public.example/", "http://8.8.8.8/", "http://127.0.0.1:{0}/", "http://localhost:{0}/", "ftp://public.example/", "file:///etc/hostname", "file://127.0.0.1/share",
        "gopher://127.0.0.1:{0}/", "ws://127.0.0.1:{0}/", "wss://127.0.0.1:{0}/", "unix:///var/run/docker.sock", "net.tcp://127.0.0.1:{0}/", "data:text/plain,hello",
        "localhost:{0}", "/hooks",
    ];

    /// <summary>What other readers take for a URL, and ours for none: nobody can store it as an endpoint's.</summary>
    public static TheoryData<string> NoUrls =>
    [
        "https://127.0.0.1:{0}\\@public.example/", "https://public.example\\@127.0.0.1:{0}/", "https://public.example\\.127.0.0.1:{0}/", "https:\\\\127.0.0.1:{0}\\",
        "https://%31%32%37.0.0.1:{0}/", "https://loc%61lhost:{0}/", "https://127.0.0.1%00.public.example:{0}/", "https://127.0.0.1%20:{0}/", "https://127.0.0.1\t:{0}/",
        "https://public\t.example:{0}/", "https://public\n.example:{0}/", "https://127.0.0.1 :{0}/", "https://127.0.0.1;public.example:{0}/",
        "https://127.0.0.1,8.8.8.8:{0}/", "https://8.8.8.8:443:{0}/", "https://[::1:{0}/", "https://::1:{0}/", "https://a..b:{0}/", "https://.a:{0}/", "https://*:{0}/",
        "https://public.example:65536/", "https://public.example:-1/", "https:127.0.0.1:{0}", "https:/127.0.0.1:{0}/", "https:///127.0.0.1:{0}/", "127.0.0.1:{0}", "",
    ];

    [Theory]
    [MemberData(nameof(NoUrls))]
    public void What_is_no_URL_cannot_be_asked_about(string spelling) => Assert.False(Uri.TryCreate(spelling.Replace("{0}", "8443", StringComparison.Ordinal), UriKind.Absolute, out _));

    [Theory]
    [InlineData("https://127.0.0.1./")]
    [InlineData("https://2130706433./")]
    [InlineData("https://256.1.1.1/")]
    [InlineData("https://4294967296/")]
    [InlineData("https://08.0.0.1/")]
    [InlineData("https://1.2.3.4.5/")]
    [InlineData("https://hooks.0x7f/")]
    [InlineData("https://0x/")]
    [InlineData("https://localhost/")]
    [InlineData("https://localhost./")]
    [InlineData("https://Hooks.LocalHost./")]
    [InlineData("https://hooks。localhost/")]
    [InlineData("https://@public.example/")]
    [InlineData("https://user@public.example/")]
    [InlineData("https://:@public.example/")]
    [InlineData("\thttps://public.example/")]
    [InlineData(" https://public.example/")]
    [InlineData("https://[2606:4700:4700::1111%25lo]/")]
    [InlineData("https://public.example:0/")]
    [InlineData("https://-a.example/")]
    [InlineData("http://public.example/")]
    [InlineData("ftp://public.example/")]
    public async Task Text_that_readers_read_differently_is_refused_wherever_it_leads(string spelling)
    {
        var recording = new RecordingGuard(_ => [IPAddress.Parse("8.8.8.8")]);

        Assert.NotNull(recording.Guard.Refusal(new Uri(spelling)));
        Assert.NotNull(await recording.SendAsync(new Uri(spelling)));

        Assert.Empty(recording.Connects);
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task A_URL_that_may_lead_into_our_network_is_refused_and_nothing_is_sent(string spelling)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var recording = new RecordingGuard(_ => [IPAddress.Loopback], PortOf(listener));
        var url = new Uri(At(spelling, listener));

        var byText = recording.Guard.Refusal(url);
        var failure = await recording.SendAsync(url);

        Assert.Empty(recording.Connects);
        Assert.False(listener.Pending());
        Assert.True(
            failure is EgressRefusedException || (byText is not null && failure is NotSupportedException or InvalidOperationException or UriFormatException),
            $"{failure}");
        Assert.Equal(byText ?? "The URL's host is not on the public internet.", failure is EgressRefusedException ? failure.Message : byText);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    public async Task The_same_listener_is_reached_where_it_is_allowed(string spelling)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var recording = new RecordingGuard(_ => [IPAddress.Loopback], PortOf(listener), ["127.0.0.1:*", "localhost:*"]);

        var sending = recording.SendAsync(new Uri(At(spelling, listener)));
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Null(await sending);
        Assert.Single(recording.Connects);
    }

    [Fact]
    public void No_spelling_makes_the_guard_throw()
    {
        var guard = new RecordingGuard(_ => []).Guard;
        var random = new Random(7);
        var read = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var host = new string([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)(random.Next(4) == 0 ? random.Next(0x80, 0xffff) : random.Next(0x21, 0x7f)))]);
            if (Uri.TryCreate($"https://{host}/", UriKind.Absolute, out var url))
            {
                read++;
                guard.Refusal(url);
            }
        }

        Assert.InRange(read, 1_000, 20_000);
    }

    private static string At(string spelling, TcpListener listener) =>
        spelling.Replace("{0}", $"{PortOf(listener)}", StringComparison.Ordinal);

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
