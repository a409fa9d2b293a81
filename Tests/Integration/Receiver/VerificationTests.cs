using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class VerificationTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    public static TheoryData<string, int> EveryByteRange()
    {
        var data = new TheoryData<string, int>();
        foreach (var scheme in new[] { "github", "standard", "provider" })
        {
            foreach (var at in new[] { 0, Delivery.Body.Length / 2, Delivery.Body.Length - 1 })
            {
                data.Add(scheme, at);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryByteRange))]
    public async Task One_changed_byte_is_answered_401_and_leaves_no_row(string scheme, int at)
    {
        var id = Delivery.NewId();
        var request = Delivery.Signed(scheme, id);
        var body = Encoding.UTF8.GetBytes(Delivery.Body);
        body[at] ^= 1;
        request.Content = Delivery.Json(body);

        var answer = await receiver.Client.PostAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Theory]
    [InlineData("github")]
    [InlineData("standard")]
    [InlineData("provider")]
    public async Task A_byte_more_or_less_is_answered_401_and_leaves_no_row(string scheme)
    {
        var id = Delivery.NewId();
        var longer = Delivery.Signed(scheme, id);
        longer.Content = Delivery.Json(Delivery.Body + "\n");
        var shorter = Delivery.Signed(scheme, id);
        shorter.Content = Delivery.Json(Delivery.Body[..^1]);

        var answers = await receiver.Client.PostAllAsync([longer, shorter]);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Fact]
    public async Task A_wrong_secret_is_answered_401_and_leaves_no_row()
    {
        var id = Delivery.NewId();

        var answers = await receiver.Client.PostAllAsync(
        [
            SignedRequest.GitHub(Delivery.Body, id, secret: "not the secret"),
            SignedRequest.Standard(Delivery.Body, id, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
            SignedRequest.Provider(Delivery.Body, id, "not the secret"),
        ]);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Theory]
    [InlineData("github", "X-Hub-Signature-256", 401)]
    [InlineData("standard", "webhook-id", 401)]
    [InlineData("standard", "webhook-timestamp", 401)]
    [InlineData("standard", "webhook-signature", 401)]
    [InlineData("provider", "X-Event-Id", 400)]
    [InlineData("provider", "X-Webhook-Timestamp", 400)]
    [InlineData("provider", "X-Webhook-Signature", 400)]
    public async Task A_header_of_the_scheme_that_is_absent_or_empty_is_refused(string scheme, string header, int status)
    {
        var id = Delivery.NewId();
        var absent = Delivery.Signed(scheme, id);
        absent.Headers.Remove(header);

        var answers = await receiver.Client.PostAllAsync([absent, Delivery.Signed(scheme, id).With(header, "")]);

        Assert.All(answers, answer => Assert.Equal(status, (int)answer.Status));
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    // Which of the two was checked and which is stored could differ.
    [Theory]
    [InlineData("github", "X-Hub-Signature-256", 401)]
    [InlineData("github", "X-GitHub-Delivery", 400)]
    [InlineData("standard", "webhook-id", 401)]
    [InlineData("provider", "X-Event-Id", 400)]
    [InlineData("provider", "X-Webhook-Signature", 400)]
    public async Task A_header_that_is_sent_twice_is_refused(string scheme, string header, int status)
    {
        var id = Delivery.NewId();
        using var request = Delivery.Signed(scheme, id);
        var lines = request.Headers.Select(sent => $"{sent.Key}: {sent.Value.Single()}\r\n").ToList();
        var start = $"POST {request.RequestUri} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Delivery.Body.Length}\r\n{string.Concat(lines)}"
            + $"{lines.Single(line => line.StartsWith(header, StringComparison.OrdinalIgnoreCase))}\r\n{Delivery.Body}";

        Assert.Contains($" {status} ", await RawRequest.StatusLineAsync(receiver.Address, start), StringComparison.Ordinal);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Theory]
    [InlineData("standard", -600, 401)]
    [InlineData("standard", 600, 401)]
    [InlineData("provider", -600, 400)]
    [InlineData("provider", 600, 400)]
    public async Task A_rightly_signed_request_from_another_time_is_refused(string scheme, int seconds, int status)
    {
        var id = Delivery.NewId();
        var at = TimeProvider.System.GetUtcNow().AddSeconds(seconds);

        var answer = await receiver.Client.PostAsync(Delivery.Signed(scheme, id, Encoding.UTF8.GetBytes(Delivery.Body), at));

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("1.5")]
    [InlineData("1e9")]
    [InlineData("0x10")]
    [InlineData("-9223372036854775808")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999")]
    [InlineData("2026-01-01T00:00:00Z")]
    public async Task A_timestamp_that_is_no_usable_number_is_refused(string timestamp)
    {
        var id = Delivery.NewId();

        var provider = await receiver.Client.PostAsync(Delivery.Signed("provider", id).With("X-Webhook-Timestamp", timestamp));
        var standard = await receiver.Client.PostAsync(Delivery.Signed("standard", id).With("webhook-timestamp", timestamp));

        Assert.Equal(HttpStatusCode.BadRequest, provider.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, standard.Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Theory]
    [InlineData("github", "X-Hub-Signature-256", "sha256=")]
    [InlineData("github", "X-Hub-Signature-256", "sha256=zz")]
    [InlineData("github", "X-Hub-Signature-256", "sha1=2fd4e1c67a2d28fced849ee1bb76e7391b93eb12")]
    [InlineData("standard", "webhook-signature", "v1,")]
    [InlineData("standard", "webhook-signature", "v1a,AAAA")]
    [InlineData("standard", "webhook-signature", "           ,")]
    [InlineData("provider", "X-Webhook-Signature", "0")]
    public async Task A_signature_that_cannot_be_read_is_answered_401(string scheme, string header, string value)
    {
        var id = Delivery.NewId();

        var answer = await receiver.Client.PostAsync(Delivery.Signed(scheme, id).With(header, value));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Fact]
    public async Task Each_of_a_source_s_secrets_is_accepted()
    {
        var answer = await receiver.Client.PostAsync(
            SignedRequest.Provider(Delivery.Body, Delivery.NewId(), "second-secret-of-the-provider"));

        Assert.Equal((HttpStatusCode.OK, """{"ok":true,"queued":true}"""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task A_refusal_carries_a_trace_id_and_not_the_reason()
    {
        var absent = Delivery.Signed("standard", Delivery.NewId());
        absent.Headers.Remove("webhook-signature");
        var stale = Delivery.Signed("standard", Delivery.NewId(), [.. "{}"u8], TimeProvider.System.GetUtcNow().AddHours(-1));
        var wrong = SignedRequest.Standard(Delivery.Body, Delivery.NewId(), "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");

        var answers = await receiver.Client.PostAllAsync([absent, stale, wrong]);

        Assert.All(answers, answer => Assert.Equal("application/problem+json", answer.ContentType));
        var problems = answers.Select(answer => JsonElement.Parse(answer.Body)).ToList();
        Assert.All(problems, problem => Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("trace_id").GetString()));
        Assert.All(problems, problem => Assert.Equal(
            ["status", "title", "trace_id", "type"],
            problem.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal));
        Assert.Single(problems.Select(problem => problem.GetProperty("title").GetString()).Distinct(StringComparer.Ordinal));
    }
}
