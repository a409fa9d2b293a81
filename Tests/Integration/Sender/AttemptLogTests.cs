using System.Text;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Integration.Sender;

public sealed class AttemptLogTests(RunningSender sender) : IClassFixture<RunningSender>
{
    private const int Limit = 4096;

    private readonly Outbox _outbox = new(sender.Database);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte[]> LongAnswers => new()
    {
        { "ASCII", Encoding.ASCII.GetBytes(new string('a', 100_000)) },
        { "characters of several bytes, one across the limit",
            Encoding.UTF8.GetBytes("a" + string.Concat(Enumerable.Repeat("ä😀", 5_000))) },
        { "an older encoding, a byte in twenty",
            Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("gr\u00FCn ist die Hoffnung ", 5_000))) },
        { "credentials, whose replacement is longer",
            Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("token=x ", 10_000))) },
    };

    [Fact]
    public async Task The_answer_is_kept_as_the_endpoint_wrote_it()
    {
        var attempt = await AttemptAsync(Encoding.UTF8.GetBytes("""{"ok":"Zoë"}"""));

        Assert.Equal("""{"ok":"Zoë"}""", attempt.ResponseBody);
        Assert.Equal(("delivered", 200, 1), (attempt.Outcome, attempt.StatusCode, attempt.Attempt));
        Assert.InRange(TimeProvider.System.GetUtcNow() - attempt.StartedAt, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [MemberData(nameof(LongAnswers))]
    public async Task Of_a_long_answer_at_most_4_KiB_are_kept(string what, byte[] answer)
    {
        var attempt = await AttemptAsync(answer);

        Assert.True(Encoding.UTF8.GetByteCount(attempt.ResponseBody!) is > Limit - 20 and <= Limit, what);
    }

    [Fact]
    public async Task An_answer_that_never_ends_is_a_delivery_all_the_same()
    {
        var chunk = Encoding.ASCII.GetBytes(new string('a', Limit * 16));
        await using var server = await MerchantServer.StartAsync(async (_, context) =>
        {
            await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await HangAsync(context);
        });
        await _outbox.AddEndpointAsync(server.Url);

        await _outbox.PublishAsync();

        Assert.Equal("done", (await _outbox.FinishedJobAsync()).State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Limit - 1)]
    [InlineData(Limit - 10)]
    [InlineData(Limit - 30)]
    public async Task A_configured_secret_that_the_endpoint_sends_back_is_not_kept_not_even_a_part_of_it(int before)
    {
        var attempt = await AttemptAsync(
            Encoding.ASCII.GetBytes($"{new string('a', before)}{Services.GitHubSecret} {Services.StandardSecret}"));

        Assert.DoesNotContain(Services.GitHubSecret[..1], attempt.ResponseBody, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec", attempt.ResponseBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_endpoints_own_secret_is_not_kept_when_it_is_sent_back()
    {
        const string secret = "Zm9ydHktdHdvIHB1cnBsZSBlbGVwaGFudHM=";
        await using var server = await MerchantServer.StartAsync(
            (_, context) => context.Response.WriteAsync($"you signed with {secret}", Cancellation));
        await _outbox.AddEndpointAsync(server.Url, secret);

        await _outbox.PublishAsync();

        var attempt = (await _outbox.AttemptsAsync(1))[0];
        Assert.DoesNotContain(secret, attempt.ResponseBody, StringComparison.Ordinal);
        Assert.StartsWith("you signed with ", attempt.ResponseBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization: Bearer abcdefghijklmnop")]
    [InlineData("ghp_0123456789abcdefghijABCDEFGHIJ")]
    [InlineData("""{"token":"correct horse"}""")]
    public async Task A_known_shape_of_credential_is_not_kept(string answer)
    {
        var attempt = await AttemptAsync(Encoding.ASCII.GetBytes(answer));

        Assert.Contains("***redacted***", attempt.ResponseBody, StringComparison.Ordinal);
        Assert.DoesNotContain(answer[^8..^3], attempt.ResponseBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_with_zero_bytes_can_be_stored()
    {
        var attempt = await AttemptAsync(Encoding.ASCII.GetBytes("an answer with one\0zero"));

        Assert.Equal("an answer with one\uFFFDzero", attempt.ResponseBody);
    }

    // Long secrets give way to something short, so that all that is left is kept, up to where the end of what was read is left
    // out: between the halves of a surrogate pair, for some of these lengths.
    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("abc")]
    public async Task A_delivery_whose_answer_is_cut_within_a_character_is_delivered_once(string before)
    {
        var secret = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('s', 96)));
        var answer = $"{before}{string.Concat(Enumerable.Repeat($"{secret} ", 20))}{string.Concat(Enumerable.Repeat("😀", 2000))}";
        await using var server = await MerchantServer.StartAsync((_, context) =>
            context.Response.WriteAsync(answer, Cancellation));
        await _outbox.AddEndpointAsync(server.Url, secret);

        await _outbox.PublishAsync();

        Assert.Equal(("done", 1), await _outbox.FinishedJobAsync() is var job ? (job.State, job.Attempt) : default);
        var attempt = Assert.Single(await _outbox.AttemptsAsync(1));
        Assert.Equal("delivered", attempt.Outcome);
        Assert.DoesNotContain('\uFFFD', attempt.ResponseBody!);
        Assert.StartsWith($"{before}***redacted*** ", attempt.ResponseBody, StringComparison.Ordinal);
        Assert.Single(server.All);
    }

    [Fact]
    public async Task An_empty_answer_is_null() => Assert.Null((await AttemptAsync([])).ResponseBody);

    [Fact]
    public async Task An_answer_that_is_no_text_is_named_and_not_shown()
    {
        var attempt = await AttemptAsync([.. Enumerable.Range(0, 256).Select(value => (byte)value)]);

        Assert.Equal("(binary, 256 bytes read)", attempt.ResponseBody);
    }

    private static Task HangAsync(HttpContext context)
    {
        var aborted = new TaskCompletionSource();
        context.RequestAborted.Register(aborted.SetResult);
        return aborted.Task;
    }

    private async Task<Storage.DeliveryAttempt> AttemptAsync(byte[] answer)
    {
        await using var server = await MerchantServer.StartAsync(
            async (_, context) => await context.Response.Body.WriteAsync(answer, Cancellation));
        await _outbox.AddEndpointAsync(server.Url);
        await _outbox.PublishAsync();
        return (await _outbox.AttemptsAsync(1))[0];
    }
}
