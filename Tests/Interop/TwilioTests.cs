namespace Aspire.Webhooks.Tests.Interop;

/// <summary>Twilio's library signs forms and JSON, our Receiver verifies.</summary>
[Collection(nameof(InteropReceiver))]
public sealed class TwilioTests(InteropReceiver receiver)
{
    private const string Sms =
        """{"MessageSid":"SM1","SmsStatus":"received","From":"+14158675309","To":"+18005551212","Body":"Grüße & 1+1=2 🎉","NumMedia":"0","Empty":""}""";

    private const string Repeated = """{"MessageSid":"SM2","Tag":["b","a","b"],"tag":"lower","Status%20":"x y"}""";

    [Theory]
    [InlineData("form", Sms, "")]
    [InlineData("form", Sms, "?foo=1&bar=a%20b")]
    [InlineData("form", Repeated, "")]
    [InlineData("form", "{}", "")]
    [InlineData("json", """{"EventType":"com.twilio.messaging.message.delivered","n":[1, 2.50],"text":"Grüße"}""", "")]
    [InlineData("json", "{}", "?foo=1")]
    public async Task What_twilio_signed_is_accepted(string kind, string fields, string query)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);

        Assert.InRange(await SendAsync(InteropReceiver.TwilioToken, kind, fields, query), 200, 202);
    }

    [Theory]
    [InlineData("form", Sms)]
    [InlineData("json", """{"a":1}""")]
    public async Task Another_token_or_another_URL_is_refused(string kind, string fields)
    {
        Assert.SkipUnless(Node.Available, Node.Reason);

        Assert.Equal(401, await SendAsync("another token", kind, fields, ""));
        Assert.Equal(401, await SendAsync(InteropReceiver.TwilioToken, kind, fields, "", "https://example.com/webhooks/twilio"));
    }

    private async Task<int> SendAsync(string token, string kind, string fields, string query, params string[] signedUrl)
    {
        var answer = await receiver.RunAsync(
            "twilio-client.mjs", $"twilio{query}", "WEBHOOK_SECRET_TWILIO", token, [kind, fields, .. signedUrl]);
        return answer.GetProperty("status").GetInt32();
    }
}
