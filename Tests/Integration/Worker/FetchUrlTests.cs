using System.Diagnostics;
using System.Text;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary><c>fetch_url</c>: exact host names, refused before anything is sent, text cut at 8,000 characters.</summary>
public sealed class FetchUrlTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The port is a real server's: whatever gets past the check would be seen there.
    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://api.localhost:{0}/")]
    [InlineData("http://localhost.:{0}/")]
    [InlineData("http://localhost.evil.example:{0}/")]
    [InlineData("http://evil-localhost:{0}/")]
    [InlineData("http://localhost@127.0.0.1:{0}/")]
    [InlineData("http://127.0.0.1:{0}/?host=localhost")]
    [InlineData("http://127.0.0.1:{0}/#localhost")]
    [InlineData("http://127.0.0.1:{0}\\@localhost/")]
    [InlineData("http://127.1:{0}/localhost")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://ⅼocalhost:{0}/")]
    [InlineData("http://lоcalhost:{0}/")]
    [InlineData("file://localhost/etc/hostname")]
    [InlineData("ftp://localhost:{0}/")]
    [InlineData("gopher://localhost:{0}/")]
    [InlineData("http://user:password@localhost:{0}/")]
    [InlineData("//localhost:{0}/")]
    [InlineData("localhost:{0}")]
    [InlineData("")]
    public async Task Another_host_is_refused_and_nothing_connects(string url)
    {
        await using var server = await MerchantServer.StartAsync();
        using var tool = Tool();

        await Assert.ThrowsAsync<ToolException>(() => tool.FetchAsync(At(server, url), [HostOf(server)], Cancellation));

        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("http://localhost:{0}/", "localhost")]
    [InlineData("http://localhost:{0}/", "localhost:443")]
    [InlineData("http://localhost:{0}/", "localhost:80")]
    [InlineData("http://localhost:{0}/", "localhost:1{0}")]
    [InlineData("http://localhost:0{0}/", "localhost")]
    [InlineData("https://localhost:{0}/", "localhost")]
    public async Task Another_port_is_refused_and_nothing_connects(string url, string allowed)
    {
        await using var server = await MerchantServer.StartAsync();
        using var tool = Tool();
        var host = At(server, allowed);

        var refused = await Assert.ThrowsAsync<ToolException>(() => tool.FetchAsync(At(server, url), [host], Cancellation));

        Assert.Equal($"egress to '{HostOf(server)}' denied; allowed: ['{host}']", refused.Message);
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("https://localhost/", "localhost")]
    [InlineData("https://localhost/", "localhost:443")]
    [InlineData("https://localhost:443/", "localhost")]
    [InlineData("http://localhost/", "localhost:80")]
    public async Task The_port_is_that_of_HTTPS_where_none_is_said(string url, string allowed)
    {
        using var tool = Tool(allowLoopback: false);

        var refused = await Assert.ThrowsAsync<ToolException>(() => tool.FetchAsync(url, [allowed], Cancellation));

        Assert.DoesNotContain("egress to", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_is_told_nothing_of_our_traces()
    {
        await using var server = await MerchantServer.StartAsync();
        using var tool = Tool();
        using var activity = new Activity("a task's").Start();

        await tool.FetchAsync(At(server), [HostOf(server)], Cancellation);

        var request = await server.NextAsync();
        Assert.Equal(["Host", "User-Agent"], request.Headers.Keys.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_refusal_is_the_documents()
    {
        using var tool = Tool();

        var refused = await Assert.ThrowsAsync<ToolException>(
            () => tool.FetchAsync("https://evil.example.com/steal", ["api.github.com", "api.weather.gov"], Cancellation));

        Assert.Equal("egress to 'evil.example.com' denied; allowed: ['api.github.com', 'api.weather.gov']", refused.Message);
    }

    [Theory]
    [InlineData("http://localhost:{0}/zen")]
    [InlineData("HTTP://LOCALHOST:{0}/zen")]
    public async Task An_allowed_host_is_read_by_the_safe_hands_agent(string url)
    {
        await using var server = await MerchantServer.StartAsync(
            (_, context) => context.Response.WriteAsync("Keep it logically awesome."));
        using var tool = Tool();

        var text = await tool.FetchAsync(At(server, url), [HostOf(server)], Cancellation);

        Assert.Equal("Keep it logically awesome.", text);
        Assert.Equal("safe-hands-agent", (await server.NextAsync()).Headers["User-Agent"]);
    }

    [Fact]
    public async Task An_allowed_host_on_a_private_address_is_refused_by_the_guard()
    {
        await using var server = await MerchantServer.StartAsync();
        using var tool = Tool(allowLoopback: false);

        var plain = await Assert.ThrowsAsync<ToolException>(() => tool.FetchAsync(At(server), [HostOf(server)], Cancellation));
        var tls = await Assert.ThrowsAsync<ToolException>(
            () => tool.FetchAsync($"https://{HostOf(server)}/", [HostOf(server)], Cancellation));

        Assert.Equal("The URL is not HTTPS.", plain.Message);
        Assert.Equal("The URL's host is not on the public internet.", tls.Message);
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task An_answer_that_is_no_success_is_an_error_and_a_redirect_is_not_followed(int status)
    {
        await using var elsewhere = await MerchantServer.StartAsync();
        await using var server = await MerchantServer.StartAsync((_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.Url.AbsoluteUri;
            return Task.CompletedTask;
        });
        using var tool = Tool();

        var error = await Assert.ThrowsAsync<ToolException>(() => tool.FetchAsync(At(server), [HostOf(server)], Cancellation));

        Assert.Equal($"localhost answered {status}.", error.Message);
        Assert.Equal(0, elsewhere.Connections);
    }

    [Fact]
    public async Task A_long_answer_is_cut_at_8000_characters_and_never_inside_one()
    {
        await using var server = await MerchantServer.StartAsync(
            (_, context) => context.Response.WriteAsync("x" + string.Concat(Enumerable.Repeat("😀", 100_000))));
        using var tool = Tool();

        var text = await tool.FetchAsync(At(server), [HostOf(server)], Cancellation);

        Assert.Equal(8_000, text.EnumerateRunes().Count());
        Assert.True(char.IsLowSurrogate(text[^1]));
    }

    [Fact]
    public async Task An_endless_answer_is_read_no_further_than_it_is_shown()
    {
        await using var server = await MerchantServer.StartAsync(async (_, context) =>
        {
            var block = new byte[64 * 1024];
            Array.Fill(block, (byte)'a');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });
        using var tool = Tool();

        Assert.Equal(8_000, (await tool.FetchAsync(At(server), [HostOf(server)], Cancellation)).Length);
    }

    [Fact]
    public async Task A_credential_in_an_answer_is_taken_out_also_where_the_cut_goes_through_it()
    {
        var token = "ghp_" + new string('a', 36);
        await using var server = await MerchantServer.StartAsync(
            (_, context) => context.Response.WriteAsync($"{token} {new string('x', 7_900)} {token} end"));
        using var tool = Tool();

        var text = await tool.FetchAsync(At(server), [HostOf(server)], Cancellation);

        Assert.StartsWith("***redacted*** x", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ghp_", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "gr\u00FCn")]
    [InlineData("text/plain; charset=klingon", "gr\uFFFDn")]
    public async Task Text_is_read_by_its_charset(string contentType, string expected)
    {
        await using var server = await MerchantServer.StartAsync(async (_, context) =>
        {
            context.Response.ContentType = contentType;
            await context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes("grün"));
        });
        using var tool = Tool();

        Assert.Equal(expected, await tool.FetchAsync(At(server), [HostOf(server)], Cancellation));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_15_seconds()
    {
        var clock = new StoppedClock();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await MerchantServer.StartAsync(async (_, context) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        using var tool = Tool(time: clock);

        var fetching = tool.FetchAsync(At(server), [HostOf(server)], Cancellation);
        await arrived.Task.WaitAsync(Cancellation);
        clock.Fire(TimeSpan.FromSeconds(15));

        Assert.Equal("localhost did not answer within 15 s.", (await Assert.ThrowsAsync<ToolException>(() => fetching)).Message);
    }

    [Fact]
    public async Task A_host_that_cannot_be_reached_is_an_error_that_says_so()
    {
        using var tool = Tool();

        var error = await Assert.ThrowsAsync<ToolException>(
            () => tool.FetchAsync("http://localhost:1/", ["localhost:1"], Cancellation));

        Assert.StartsWith("localhost cannot be read: ", error.Message, StringComparison.Ordinal);
    }

    private static string HostOf(MerchantServer server) => $"localhost:{server.Port}";

    private static string At(MerchantServer server, string url = "http://localhost:{0}/") =>
        url.Replace("{0}", $"{server.Port}", StringComparison.Ordinal);

    private static FetchUrl Tool(bool allowLoopback = true, TimeProvider? time = null) =>
        new(new EgressGuard(
            Options.Create(new EgressOptions { Loopback = allowLoopback ? ["localhost:*"] : [] }), TimeProvider.System),
                new Redactor([]), time ?? TimeProvider.System);

    /// <summary>A clock whose timers fire when the test says.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        private readonly List<(TimeSpan Due, TimerCallback Callback, object? State)> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_timers)
            {
                _timers.Add((dueTime, callback, state));
            }

            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Fire(TimeSpan due)
        {
            (TimeSpan Due, TimerCallback Callback, object? State) timer;
            lock (_timers)
            {
                timer = _timers.Single(each => each.Due == due);
            }

            timer.Callback(timer.State);
        }
    }
}
