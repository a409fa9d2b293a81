using System.Text;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Tests.Unit.Payloads;

public sealed class PayloadReaderTests
{
    [Theory]
    [InlineData(BodyFormats.Json, """{"a":1}""", """{"a":1}""")]
    [InlineData(BodyFormats.Form, "CallSid=CA1&To=%2B1800&Body=hi+there", """{"CallSid":"CA1","To":"+1800","Body":"hi there"}""")]
    [InlineData(BodyFormats.Form, "a=1&a=2", """{"a":["1","2"]}""")]
    [InlineData(BodyFormats.Form, "a=&b&&c=d=e&=f", """{"a":"","b":"","c":"d=e","":"f"}""")]
    [InlineData(BodyFormats.Form, "", "{}")]
    [InlineData(BodyFormats.Form, "a=%00%zz%ff", """{"a":"\u0000%zz%ff"}""")]
    [InlineData(BodyFormats.Form, "payload=%7B%22a%22%3A1%7D", """{"a":1}""")]
    [InlineData(BodyFormats.FormPayload, "payload=%7B%22a%22%3A1%7D", """{"a":1}""")]
    [InlineData(BodyFormats.Form, "payload=1&more=2", """{"payload":"1","more":"2"}""")]
    [InlineData(BodyFormats.Form, "Payload=1", """{"Payload":"1"}""")]
    [InlineData(
        BodyFormats.Form, "MessageStatus=sent&messageStatus=x&MESSAGESTATUS=&MessageStatus=2",
        """{"MessageStatus":["sent","2"],"messageStatus":"x","MESSAGESTATUS":""}""")]
    [InlineData(BodyFormats.Json, "\uFEFF{\"a\":1}", """{"a":1}""")]
    [InlineData(BodyFormats.Json, "\uFEFF \n{\"a\":\"\uFEFF\"}", "{\"a\":\"\uFEFF\"}")]
    [InlineData(BodyFormats.Form, "\uFEFFtype=a&b=1", """{"type":"a","b":"1"}""")]
    [InlineData(BodyFormats.FormPayload, "\uFEFFpayload=%EF%BB%BF%7B%22a%22%3A1%7D", """{"a":1}""")]
    [InlineData(BodyFormats.Json, @"{""title"":""Deploy broke production \ud83d""}", "{\"title\":\"Deploy broke production \uFFFD\"}")]
    [InlineData(BodyFormats.Json, @"{""\udc00id"":""\ud83d\ude00\\ud83d""}", "{\"\uFFFDid\":\"😀\\\\ud83d\"}")]
    [InlineData(BodyFormats.FormPayload, "payload=%22%5Cud83d%22", "\"\uFFFD\"")]
    public void A_body_becomes_one_document(BodyFormats format, string body, string expected)
    {
        using var document = PayloadParser.TryParse(format, Encoding.UTF8.GetBytes(body));

        Assert.Equal(Normal(expected), Normal(document!.RootElement.GetRawText()));
    }

    [Theory]
    [InlineData(BodyFormats.Json, "a=1")]
    [InlineData(BodyFormats.Json, "")]
    [InlineData(BodyFormats.Form, "payload=%7B")]
    [InlineData(BodyFormats.FormPayload, """{"a":1}""")]
    [InlineData(BodyFormats.FormPayload, "a=1")]
    [InlineData(BodyFormats.FormPayload, "payload=1&more=2")]
    [InlineData(BodyFormats.FormPayload, "payload=1&payload=2")]
    [InlineData(BodyFormats.None, "{}")]
    public void What_is_not_of_its_format_is_no_document(BodyFormats format, string body) =>
        Assert.Null(PayloadParser.TryParse(format, Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData(BodyFormats.Json)]
    [InlineData(BodyFormats.Form)]
    public void What_is_not_UTF_8_is_no_document(BodyFormats format) =>
        Assert.Null(PayloadParser.TryParse(format, new byte[] { (byte)'"', 0xff, (byte)'"' }));

    [Theory]
    [InlineData(BodyFormats.Json, "", "The body is empty.")]
    [InlineData(BodyFormats.Json, "a=1", "The body is not valid JSON (line 1, position 1).")]
    [InlineData(BodyFormats.Json, "{\n \"a\": 1,\n}", "The body is not valid JSON (line 3, position 1).")]
    [InlineData(BodyFormats.Json, "\uFEFF{\"a\":}", "The body is not valid JSON (line 1, position 6).")]
    [InlineData(BodyFormats.FormPayload, "a=1", "The body is not a form with JSON in its only field, payload.")]
    [InlineData(BodyFormats.Form, "payload=%7B", "The body is not a valid form.")]
    public void The_error_says_where_a_body_is_not_of_its_format_and_quotes_nothing(
        BodyFormats format, string body, string error) =>
        Assert.Equal(error, PayloadParser.Error(format, Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void The_error_of_bytes_that_are_no_text_says_so() =>
        Assert.Equal("The body is not valid UTF-8.", PayloadParser.Error(BodyFormats.Json, new byte[] { (byte)'"', 0xff }));

    [Fact]
    public void A_form_of_too_many_fields_is_no_document() =>
        Assert.Null(
            PayloadParser.TryParse(
                BodyFormats.Form, Encoding.UTF8.GetBytes(string.Join('&', Enumerable.Range(0, 2000).Select(n => $"f{n}=1")))));

    [Theory]
    [InlineData(null, BodyFormats.Json)]
    [InlineData("", BodyFormats.Json)]
    [InlineData("application/json", BodyFormats.Json)]
    [InlineData("Application/JSON; charset=\"utf-8\"", BodyFormats.Json)]
    [InlineData("application/cloudevents+json", BodyFormats.Json)]
    [InlineData("application/x-www-form-urlencoded", BodyFormats.Form)]
    [InlineData("application/x-www-form-urlencoded; charset=UTF-8", BodyFormats.Form)]
    [InlineData("application/json; charset=utf8", BodyFormats.Json)]
    [InlineData("application/json; charset=\" UTF8 \"", BodyFormats.Json)]
    [InlineData("application/json; charset=unicode-1-1-utf-8", BodyFormats.Json)]
    [InlineData("application/json; charset=unicode11utf8", BodyFormats.Json)]
    [InlineData("application/json; charset=unicode20utf8", BodyFormats.Json)]
    [InlineData("application/json; charset=x-unicode20utf8", BodyFormats.Json)]
    [InlineData("application/json; charset=US-ASCII", BodyFormats.Json)]
    [InlineData("application/json; charset=ascii", BodyFormats.Json)]
    [InlineData("application/json; charset=ANSI_X3.4-1968", BodyFormats.Json)]
    [InlineData("application/x-www-form-urlencoded; charset=utf8", BodyFormats.Form)]
    [InlineData("application/json; charset=utf-16", BodyFormats.None)]
    [InlineData("application/json; charset=utf-7", BodyFormats.None)]
    [InlineData("application/json; charset=windows-1252", BodyFormats.None)]
    [InlineData("application/json; charset=latin1", BodyFormats.None)]
    [InlineData("multipart/form-data; boundary=x", BodyFormats.None)]
    [InlineData("text/plain", BodyFormats.None)]
    [InlineData("application/jsonp", BodyFormats.None)]
    [InlineData("application/json, text/plain", BodyFormats.None)]
    [InlineData("json", BodyFormats.None)]
    [InlineData(";;", BodyFormats.None)]
    public void The_format_is_what_the_content_type_says(string? contentType, BodyFormats expected) =>
        Assert.Equal(expected, BodyFormat.Of(contentType));

    private static string Normal(string json) => System.Text.Json.Nodes.JsonNode.Parse(json)!.ToJsonString();
}
