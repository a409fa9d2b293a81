using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class EgressTests(EgressTests.GuardedSender sender, TestStack stack) : IClassFixture<EgressTests.GuardedSender>
{
    private readonly Outbox _outbox = new(sender.Database);

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("https://127.0.0.1:{0}/")]
    [InlineData("https://127.0.0.2:{0}/")]
    [InlineData("https://localhost:{0}/")]
    [InlineData("https://LOCALHOST:{0}/")]
    [InlineData("https://2130706433:{0}/")]
    [InlineData("https://0x7f000001:{0}/")]
    [InlineData("https://0x7f.0.0.1:{0}/")]
    [InlineData("https://0177.0.0.1:{0}/")]
    [InlineData("https://017700000001:{0}/")]
    [InlineData("https://127.1:{0}/")]
    [InlineData("https://0.0.0.0:{0}/")]
    [InlineData("https://0:{0}/")]
    [InlineData("https://[::1]:{0}/")]
    [InlineData("https://[::]:{0}/")]
    [InlineData("https://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("https://[::ffff:7f00:1]:{0}/")]
    [InlineData("https://[::127.0.0.1]:{0}/")]
    [InlineData("https://[64:ff9b::7f00:1]:{0}/")]
    [InlineData("https://[2002:7f00:1::]:{0}/")]
    [InlineData("https://127。0。0。1:{0}/")]
    [InlineData("https://10.0.0.1:{0}/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://[fd00:ec2::254]/latest/meta-data/")]
    [InlineData("https://user:password@127.0.0.1:{0}/")]
    [InlineData("ftp://127.0.0.1:{0}/")]
    [InlineData("file:///etc/hostname")]
    public async Task A_delivery_to_an_address_that_is_not_public_is_refused_and_nothing_connects(string url)
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(new Uri(string.Format(url, server.Port)));

        await _outbox.PublishAsync();
        var attempt = (await _outbox.AttemptsAsync(1))[0];

        Assert.Equal("refused", attempt.Outcome);
        Assert.Null(attempt.StatusCode);
        Assert.DoesNotContain("password", attempt.Error, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    // Whether such a name leads to loopback at all depends on the machine's resolver.
    [Theory]
    [InlineData("https://localhost.:{0}/")]
    [InlineData("https://127.0.0.1.:{0}/")]
    [InlineData("https://１２７.０.０.１:{0}/")]
    [InlineData("https://ip6-localhost:{0}/")]
    [InlineData("https://hooks.localhost:{0}/")]
    public async Task A_name_that_may_lead_to_loopback_connects_to_nothing(string url)
    {
        await using var server = await MerchantServer.StartAsync();
        await _outbox.AddEndpointAsync(new Uri(string.Format(url, server.Port)));

        await _outbox.PublishAsync();
        var attempt = (await _outbox.AttemptsAsync(1))[0];

        Assert.Contains(attempt.Outcome, (string[])["refused", "network"], StringComparer.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task Loopback_cannot_be_allowed_outside_Development(string environment)
    {
        await using var process = ServiceProcess.Sender(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(),
            ("ASPNETCORE_ENVIRONMENT", environment), ("Webhooks__Egress__Loopback__0", "127.0.0.1:5101"));

        Assert.NotEqual(0, await process.EndedAsync());
        Assert.Contains(
            $"Webhooks:Egress:Loopback is for Development; this is {environment}.", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loopback_is_not_allowed_in_Production_unless_somebody_says_so()
    {
        var outbox = new Outbox(await stack.NewDatabaseAsync());
        await using var production = await Services.SenderAsync(
            outbox.Database, await stack.RedisAsync(), ("environment", "Production"));
        await using var server = await MerchantServer.StartAsync();
        await outbox.AddEndpointAsync(server.Url);

        await outbox.PublishAsync();

        Assert.Equal("refused", (await outbox.AttemptsAsync(1))[0].Outcome);
        Assert.Equal(0, server.Connections);
    }

    /// <summary>A Sender as it is outside Development: nothing but public addresses.</summary>
    public sealed class GuardedSender(TestStack stack) : IAsyncLifetime
    {
        private ServiceHost<DeliveryClient>? _sender;

        public string Database { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Database = await stack.NewDatabaseAsync();
            _sender = await Services.SenderAsync(
                Database, await stack.RedisAsync(), ("environment", "Production"), ("Webhooks:Jobs:Delivery:Poll", "00:00:00.1"));
        }

        public async ValueTask DisposeAsync()
        {
            if (_sender is not null)
            {
                await _sender.DisposeAsync();
            }
        }
    }
}
