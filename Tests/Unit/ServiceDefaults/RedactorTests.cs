using Aspire.Webhooks.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class RedactorTests
{
    private static readonly Redactor Redactor = new([]);

    [Theory]
    [InlineData("Authorization: Bearer sk-abc123def456ghi", "Authorization: ***redacted***")]
    [InlineData("authorization=Basic dXNlcjpwYXNz rest", "authorization=***redacted*** rest")]
    [InlineData("X-API-Key : 12345, rest", "X-API-Key : ***redacted*** rest")]
    [InlineData("https://h/p?access_token=abc", "https://h/p?access_token=***redacted***")]
    [InlineData("SECRET=a,b;c", "SECRET=***redacted***")]
    [InlineData("token => abc", "token => ***redacted***")]
    [InlineData("password: hunter2", "password: ***redacted***")]
    [InlineData("headers[\"authorization\"] = \"Bearer x\"", "headers[\"authorization\"] = \"***redacted***\"")]
    [InlineData("{'token': 'a b'}", "{'token': '***redacted***'}")]
    [InlineData("""{"authorization":"Bearer x","n":1}""", """{"authorization":"***redacted***","n":1}""")]
    [InlineData("""{"token": "abc", "n": 1}""", """{"token": "***redacted***", "n": 1}""")]
    [InlineData("""{"secret":"two words \" and a quote","n":1}""", """{"secret":"***redacted***","n":1}""")]
    [InlineData("""{"log":"{\"token\":\"abc\",\"n\":1}"}""", """{"log":"{\"token\":\"***redacted***\",\"n\":1}"}""")]
    [InlineData("""{"token":"cut off he""", """{"token":"***redacted***" """)]
    [InlineData("sent Bearer eyJhbGciOi.eyJzdWIi.c2ln to it", "sent ***redacted*** to it")]
    [InlineData("key sk-abc123def456ghi here", "key ***redacted*** here")]
    [InlineData("sk-proj-Ab_c-123def456", "***redacted***")]
    [InlineData("(ghp_abcdefghijklmnopqrstuvwxyz0123456789)", "(***redacted***)")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "***redacted***")]
    public void Credentials_are_replaced(string text, string expected) => Assert.Equal(expected.TrimEnd(), Redactor.Redact(text));

    [Theory]
    [InlineData("")]
    [InlineData("nothing to see")]
    [InlineData("task-01980000 on the disk-encryption ask-anything board")]
    [InlineData("ghp_short")]
    [InlineData("sk-short")]
    [InlineData("used 12 tokens, secretly")]
    public void Ordinary_text_stays_the_same_instance(string text) => Assert.Same(text, Redactor.Redact(text));

    [Theory]
    [InlineData("Authorization", "anything")]
    [InlineData("http.request.header.x-api-key", "anything")]
    [InlineData("access_token", "anything")]
    [InlineData("WebhookSecret", "anything")]
    public void A_field_named_like_a_credential_loses_its_value(string name, string value) =>
        Assert.Equal(Redactor.Replacement, Redactor.Redact(name, value));

    [Fact]
    public void A_field_with_another_name_is_redacted_like_text() =>
        Assert.Equal("see ***redacted***", Redactor.Redact("note", "see sk-abc123def456ghi"));

    [Theory]
    [InlineData("token:")]
    [InlineData("\"token\":\"\\\"")]
    [InlineData("authorization = bearer ")]
    [InlineData("token\\\\\\\\")]
    [InlineData("sk-")]
    [InlineData("bearer a")]
    public void Time_grows_with_the_text_and_not_faster(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 400_000 / unit.Length));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        Redactor.Redact(text);

        // Measured: well below a second. Backtracking over this would take minutes.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"took {clock.Elapsed}");
    }
}
