using System.Text;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

public sealed class BodyTextTests
{
    private const string Secret = "a/secret+of=ours";
    private const string Json = "application/json";
    private const string Form = "application/x-www-form-urlencoded";

    private static readonly Redactor Redactor = new([Secret]);

    [Theory]
    [InlineData(Json, """{"a":"é🎉"}""", """{"a":"é🎉"}""")]
    [InlineData(Json, """{"a":"a/secret+of=ours"}""", """{"a":"***redacted***"}""")]
    [InlineData(Json, "", "")]
    [InlineData(Json, "\uFEFF{\"a\":\"\\u0061/secret+of=ours\"}", "{\"a\":\"***redacted***\"}")]
    [InlineData(Form, "\uFEFFtoken=abc&user=bob", "token=***redacted***&user=bob")]
    [InlineData(Form, "a=1&b=2&b=%203+4", "a=1&b=2&b=%203+4")]
    [InlineData(Form, "token=abc&user=bob", "token=***redacted***&user=bob")]
    [InlineData(Form, "a=1&to%6ben=abc&user=bob", "a=1&to%6ben=***redacted***&user=bob")]
    [InlineData(Form, "a=a%2Fsecret%2Bof%3Dours&b=2", "a=***redacted***&b=2")]
    [InlineData(Form, "a=%61%2Fsecret%2Bof%3Dours&b=2", "a=***redacted***&b=2")]
    [InlineData(Form, "payload=%7B%22token%22%3A%22abc%22%7D", "payload=%7B%22token%22%3A%22***redacted***%22%7D")]
    [InlineData(Form, "a/secret+of=ours", "***redacted***")]
    [InlineData(Form, "&&=&a", "&&=&a")]
    public void Text_is_shown_without_credentials(string contentType, string body, string expected)
    {
        var view = BodyText.Of(Encoding.UTF8.GetBytes(body), contentType, null, Redactor);

        Assert.Equal((expected, false, null), (view.Text, view.Truncated, view.Omitted));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE }, null)]
    [InlineData(new byte[] { (byte)'a', 0 }, null)]
    [InlineData(new byte[] { (byte)'{', (byte)'}' }, "gzip")]
    [InlineData(new byte[] { (byte)'{', (byte)'}' }, "unheard-of")]
    public void What_is_no_text_is_said_to_be_so_with_its_size(byte[] body, string? encoding)
    {
        var view = BodyText.Of(body, Json, encoding, Redactor);

        Assert.Equal((2, encoding, null, false, "binary"), (view.Size, view.Encoding, view.Text, view.Truncated, view.Omitted));
    }

    [Theory]
    [InlineData(BodyText.MaxBytes, false)]
    [InlineData(BodyText.MaxBytes + 1, true)]
    [InlineData(BodyText.MaxBytes + 100_000, true)]
    public void Long_text_is_cut(int length, bool truncated)
    {
        var view = BodyText.Of(Encoding.UTF8.GetBytes(new string('x', length)), Json, null, Redactor);

        Assert.Equal((length, BodyText.MaxBytes, truncated), (view.Size, view.Text!.Length, view.Truncated));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_cut_never_goes_through_a_character(int offset)
    {
        var text = new string('x', offset) + string.Concat(Enumerable.Repeat("🎉", BodyText.MaxBytes / 2));

        var view = BodyText.Of(Encoding.UTF8.GetBytes(text), Json, null, Redactor);

        Assert.True(view.Truncated);
        Assert.StartsWith(view.Text!, text, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(view.Text!), BodyText.MaxBytes - 3, BodyText.MaxBytes);
    }

    [Fact]
    public void No_part_of_a_credential_is_left_where_the_text_is_cut()
    {
        for (var before = BodyText.MaxBytes - Secret.Length - 1; before <= BodyText.MaxBytes; before++)
        {
            var view = BodyText.Of(Encoding.UTF8.GetBytes($"{new string('.', before)}{Secret}."), "text/plain", null, Redactor);

            Assert.DoesNotContain("a/s", view.Text, StringComparison.Ordinal);
        }
    }
}
