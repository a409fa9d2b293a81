using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.Sender;

/// <summary>The headers that a merchant adds.</summary>
public sealed class HeaderRulesTests
{
    private readonly FieldErrors _errors = new();

    [Theory]
    [InlineData("Authorization", "Bearer abc.def-ghi")]
    [InlineData("X-Api-Key", "k")]
    [InlineData("x-tenant", "a b  c")]
    [InlineData("Accept", "*/*")]
    [InlineData("!#$%&'*+-.^_`|~09azAZ", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")]
    [InlineData("Contents", "starts like one of ours")]
    [InlineData("Webhook", "starts like one of ours")]
    [InlineData("X_Api_Key", "an underscore of the merchant's own")]
    public void A_token_with_visible_characters_is_taken(string name, string value)
    {
        Assert.Equal(value, Read(name, value)![name].Reveal());
        Assert.False(_errors.Any);
    }

    [Theory]
    [InlineData("webhook-id")]
    [InlineData("Webhook-Signature")]
    [InlineData("WEBHOOK-TIMESTAMP")]
    [InlineData("svix-id")]
    [InlineData("X-Webhook-Signature")]
    [InlineData("X-Webhook-Anything")]
    [InlineData("X-Event-Id")]
    [InlineData("Content-Type")]
    [InlineData("Content-Length")]
    [InlineData("Content-Encoding")]
    [InlineData("Host")]
    [InlineData("Connection")]
    [InlineData("Transfer-Encoding")]
    [InlineData("TE")]
    [InlineData("Trailer")]
    [InlineData("Upgrade")]
    [InlineData("Keep-Alive")]
    [InlineData("Expect")]
    [InlineData("Date")]
    [InlineData("User-Agent")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Proxy-Connection")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("baggage")]
    [InlineData("Accept-Encoding")]
    [InlineData("Cookie")]
    [InlineData("Forwarded")]
    [InlineData("X-Forwarded-For")]
    [InlineData("Via")]
    [InlineData("Range")]
    [InlineData("Allow")]
    [InlineData("Expires")]
    [InlineData("Last-Modified")]
    [InlineData("X_Webhook_Signature")]
    [InlineData("x_webhook-signature")]
    [InlineData("webhook_id")]
    [InlineData("WEBHOOK_SIGNATURE")]
    [InlineData("svix_id")]
    [InlineData("X_Event_Id")]
    [InlineData("User_Agent")]
    [InlineData("Content_Length")]
    [InlineData("Transfer_Encoding")]
    [InlineData("Proxy_Authorization")]
    [InlineData("X_Forwarded_For")]
    [InlineData("X.Webhook.Signature")]
    [InlineData("webhook~id")]
    [InlineData("webhook__id")]
    public void A_name_that_is_sent_anyway_or_belongs_to_the_connection_is_refused(string name) => AssertRefused(name, "value");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("X Key")]
    [InlineData("X-Key:")]
    [InlineData(":authority")]
    [InlineData("X-Key\r\nEvil")]
    [InlineData("X-K\u00e4y")]
    [InlineData("X-(Key)")]
    [InlineData("X-Key\0")]
    public void A_name_that_is_no_token_is_refused(string name) => AssertRefused(name, "value");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" leading")]
    [InlineData("trailing ")]
    [InlineData("tab\tinside")]
    [InlineData("one\r\nEvil: two")]
    [InlineData("one\ntwo")]
    [InlineData("zero\0")]
    [InlineData("\u00e4")]
    [InlineData("\u007f")]
    public void A_value_with_anything_else_than_visible_ASCII_is_refused(string? value) => AssertRefused("X-Key", value);

    [Theory]
    [InlineData(100, 1024, true)]
    [InlineData(101, 1, false)]
    [InlineData(1, 1025, false)]
    public void Names_have_up_to_100_characters_and_values_up_to_1024(int name, int value, bool isFine)
    {
        Read(new string('n', name), new string('v', value));

        Assert.Equal(!isFine, _errors.Any);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public void There_are_up_to_10(int count, bool isFine)
    {
        HeaderRules.Read(
            Enumerable.Range(0, count).ToDictionary(n => $"X-{n}", string? (_) => "v", StringComparer.Ordinal),
            CustomHeaders.None, _errors);

        Assert.Equal(!isFine, _errors.Any);
    }

    [Fact]
    public void A_name_in_two_spellings_is_refused()
    {
        HeaderRules.Read(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["X-Key"] = "1", ["x-key"] = "2" }, CustomHeaders.None,
            _errors);

        Assert.Equal("headers", Assert.Single(_errors.All).Key);
    }

    [Fact]
    public void Three_asterisks_keep_what_is_stored_under_the_name_in_any_case_and_nothing_else()
    {
        var stored = new Dictionary<string, Secret>(
            StringComparer.OrdinalIgnoreCase) { ["X-Key"] = new("kept"), ["X-Gone"] = new("gone") };

        var read = HeaderRules.Read(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["x-key"] = "***", ["X-New"] = "new" }, stored, _errors)!;

        Assert.False(_errors.Any);
        Assert.Equal(
            ["X-New=new", "x-key=kept"],
            read.Select(header => $"{header.Key}={header.Value.Reveal()}").Order(StringComparer.Ordinal), StringComparer.Ordinal);
        AssertRefused("X-Key", "***");
    }

    [Fact]
    public void No_error_quotes_a_name_or_a_value()
    {
        HeaderRules.Read(
            new Dictionary<string, string?>(
                StringComparer.Ordinal) { ["hunter2 name"] = "v", ["X-Key"] = "hunter2\n", ["Content-hunter2"] = "v" },
            CustomHeaders.None, _errors);

        Assert.Equal(3, _errors.All["headers"].Length);
        Assert.All(_errors.All["headers"], error => Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal));
    }

    [Fact]
    public void Absent_headers_are_not_none()
    {
        Assert.Null(HeaderRules.Read(null, CustomHeaders.None, _errors));
        Assert.Empty(HeaderRules.Read(new Dictionary<string, string?>(StringComparer.Ordinal), CustomHeaders.None, _errors)!);
    }

    private void AssertRefused(string name, string? value)
    {
        Assert.Empty(Read(name, value)!);
        Assert.Equal("headers", Assert.Single(_errors.All).Key);
    }

    private IReadOnlyDictionary<string, Secret>? Read(string name, string? value) =>
        HeaderRules.Read(new Dictionary<string, string?>(StringComparer.Ordinal) { [name] = value }, CustomHeaders.None, _errors);
}
