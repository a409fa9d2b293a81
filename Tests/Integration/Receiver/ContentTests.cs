using System.Net;
using System.Text;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class ContentTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const int MaxBodyBytes = 20_000;

    [Fact]
    public async Task A_body_of_the_largest_size_is_accepted_and_one_byte_more_is_answered_413()
    {
        var id = Delivery.NewId();
        var largest = Encoding.UTF8.GetBytes($"\"{new string('x', MaxBodyBytes - 2)}\"");

        var over = await receiver.Client.PostAsync(Delivery.Signed("github", id, [.. largest, (byte)' ']));
        var before = await receiver.EventsAsync(id);
        var fits = await receiver.Client.PostAsync(Delivery.Signed("github", id, largest));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, over.Status);
        Assert.Equal(0, before);
        Assert.Equal(HttpStatusCode.Accepted, fits.Status);
    }

    [Fact]
    public async Task A_chunked_body_is_accepted_up_to_the_largest_size()
    {
        var id = Delivery.NewId();
        var request = Delivery.Signed("github", id, Encoding.UTF8.GetBytes($"\"{new string('x', MaxBodyBytes - 200)}\""));
        request.Headers.TransferEncodingChunked = true;

        Assert.Equal(HttpStatusCode.Accepted, (await receiver.Client.PostAsync(request)).Status);
    }

    // Neither request ever ends: the answer comes without the rest, so nothing beyond the limit was waited for or kept.
    [Theory]
    [InlineData("Content-Length: 20001", "")]
    [InlineData("Content-Length: 9223372036854775807", "")]
    [InlineData("Transfer-Encoding: chunked", "5000")]
    public async Task A_body_that_is_too_large_is_answered_413_before_it_has_arrived(string header, string chunkSize)
    {
        var start = new StringBuilder(
            $"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{header}\r\n\r\n");
        if (chunkSize.Length > 0)
        {
            start.Append($"{chunkSize}\r\n").Append('x', int.Parse(chunkSize, System.Globalization.NumberStyles.HexNumber))
                .Append("\r\n");
        }

        Assert.Contains(" 413 ", await RawRequest.StatusLineAsync(receiver.Address, start.ToString()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/json")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/jsonp")]
    [InlineData("application/json, application/json")]
    [InlineData("json")]
    [InlineData(";;;")]
    public async Task A_content_type_that_is_neither_JSON_nor_a_form_is_answered_415_and_leaves_no_row(string contentType)
    {
        var id = Delivery.NewId();
        var request = Delivery.Signed("github", id);
        request.Content!.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        var answer = await receiver.Client.PostAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_body_without_a_content_type_is_taken_when_it_is_JSON_and_answered_400_when_it_is_not(string? contentType)
    {
        var (json, other) = (Delivery.NewId(), Delivery.NewId());
        HttpRequestMessage[] requests = [Delivery.Signed("github", json), Delivery.Signed("github", other, "payload=%7B%7D")];
        foreach (var request in requests)
        {
            request.Content!.Headers.Remove("Content-Type");
            if (contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            }
        }

        var answers = await receiver.Client.PostAllAsync(requests);

        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.BadRequest], answers.Select(answer => answer.Status));
        Assert.Equal(1, await receiver.EventsAsync(json));
        Assert.Equal(0, await receiver.EventsAsync(other));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("APPLICATION/JSON; charset=UTF-8")]
    [InlineData("application/vnd.provider.v1+json")]
    public async Task Every_spelling_of_JSON_s_content_type_is_accepted(string contentType)
    {
        var request = Delivery.Signed("github", Delivery.NewId());
        request.Content!.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        Assert.Equal(HttpStatusCode.Accepted, (await receiver.Client.PostAsync(request)).Status);
    }

    public static TheoryData<string> NotJson() =>
    [
        "", " ", "{", "}", "nul", "{}{}", "{\"a\":1,}", "{'a':1}", "// note\n{}", "\uFEFF\uFEFF{}", "NaN", "a=b",
        new string('[', 70) + new string(']', 70),
    ];

    [Theory]
    [MemberData(nameof(NotJson))]
    public async Task A_body_that_is_not_JSON_is_answered_400_and_leaves_no_row(string body)
    {
        var id = Delivery.NewId();

        var answer = await receiver.Client.PostAsync(Delivery.Signed("github", id, body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(0, await receiver.EventsAsync(id));
    }

    [Fact]
    public async Task A_body_that_is_not_UTF_8_is_answered_400_and_leaves_no_row()
    {
        var id = Delivery.NewId();

        var answers = await receiver.Client.PostAllAsync(
        [
            Delivery.Signed("github", id, [(byte)'"', 0xff, 0xfe, (byte)'"']),
            Delivery.Signed("github", id, Encoding.Unicode.GetBytes("{}")),
            Delivery.Signed("github", id, [.. "{\"a\":\""u8, 0xc3, 0x28, .. "\"}"u8]),
        ]);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.BadRequest, answer.Status));
        Assert.Equal(0, await receiver.EventsAsync(id));
    }
}
