using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class RedactorTests
{
    private static readonly Redactor Redactor = new([]);

    [Theory]
    [InlineData("Authorization: Bearer sk-abc123def456ghi", "Authorization: ***redacted***")]
    [InlineData("authorization=Basic dXNlcjpwYXNz rest", "authorization=***redacted*** rest")]
    [InlineData("X-API-Key : 12345, rest", "X-API-Key : ***redacted***")]
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
    [InlineData("""{"token":"cut off he""", """{"token":"***redacted***""")]
    [InlineData("sent Bearer eyJhbGciOi.eyJzdWIi.c2ln to it", "sent ***redacted*** to it")]
    [InlineData("key sk-abc123def456ghi here", "key ***redacted*** here")]
    [InlineData("sk-proj-Ab_c-123def456", "***redacted***")]
    [InlineData("(ghp_abcdefghijklmnopqrstuvwxyz0123456789)", "(***redacted***)")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "***redacted***")]
    [InlineData("AccountName=a;AccountKey=abc;x", "AccountName=a;AccountKey=***redacted***")]
    [InlineData("signing-key: abc", "signing-key: ***redacted***")]
    [InlineData("deploy --token abc --dry-run", "deploy --token ***redacted*** --dry-run")]
    [InlineData("Cookie: sid=abc; theme=dark\r\nAccept: */*", "Cookie: ***redacted***\r\nAccept: */*")]
    [InlineData("amqp://user:p@ss@host/x", "amqp://user:***redacted***@host/x")]
    [InlineData("rediss://:abc@host:6380", "rediss://:***redacted***@host:6380")]
    [InlineData("curl -sS -u bob:abc https://h/", "curl -sS -u bob:***redacted*** https://h/")]
    [InlineData("state%3Dx%26token%3Dabc", "state%3Dx%26token%3D***redacted***")]
    [InlineData(
        "payload=%7B%22token%22%3A%22abc%22%2C%22n%22%3A1%7D", "payload=%7B%22token%22%3A%22***redacted***%22%2C%22n%22%3A1%7D")]
    [InlineData("x[token]=abc", "x[token]=***redacted***")]
    public void Credentials_are_replaced(string text, string expected) => Assert.Equal(expected, Redactor.Redact(text));

    [Theory]
    [InlineData("")]
    [InlineData("nothing to see")]
    [InlineData("task-01980000 on the disk-encryption ask-anything board")]
    [InlineData("ghp_short")]
    [InlineData("sk-short")]
    [InlineData("used 12 tokens, secretly")]
    [InlineData("a risk-averse-community-of-investors and its task-management-application")]
    [InlineData("bearer authentication is required, basic arithmetic understanding helps")]
    [InlineData("https://example.com:8080/path@v2?a=b and git@github.com:owner/repository.git and mailto:bob@example.com")]
    [InlineData("https://api.example.com/repos/{owner}/keys{/key_id}")]
    [InlineData(
        "commit 6dcb09b5b57875f334f61aebed695e2e4193db5e of 01980f3a-7c1e-7b2a-9d3f-0123456789ab at 2026-11-22T05:04:03.210Z")]
    [InlineData("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 MDEwOlJlcG9zaXRvcnkxMjk2MjY5")]
    [InlineData("CIRCLE_SHA1=6dcb09b5b57875f334f61aebed695e2e4193db5e TRAVIS_COMMIT=6dcb09b5b57875f334f61aebed695e2e4193db5e")]
    [InlineData(
        "DRONE_COMMIT_SHA: 6dcb09b5b57875f334f61aebed695e2e4193db5e, VERCEL_GIT_COMMIT_SHA: "
            + "6dcb09b5b57875f334f61aebed695e2e4193db5e")]
    [InlineData("linkedin: johnsmith12345, jira = 5b10a2844c20165700ede21g, api-01980f3a-7c1e-7b2a-9d3f-0123456789ab")]
    [InlineData("datadog: see the dashboard, twilio = five messages, heroku => deployed")]
    [InlineData("begin with -----BEGIN PRIVATE KEY----- and then the key")]
    [InlineData("npm_config_registry, eyJ, SG.1, hf_hub, sk_buff, AKIA, xoxb-, 00Done, re_export_of_everything_there_is")]
    [InlineData("public_key: abc, primary key: id, token_type: bearer, tokens: 5")]
    public void Ordinary_text_stays_the_same_instance(string text) => Assert.Same(text, Redactor.Redact(text));

    [Theory]
    [InlineData(64)]
    [InlineData(16)]
    public void Random_base64_and_hex_stay_as_they_are(int characters)
    {
        var random = new Random(characters);
        var alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/".AsSpan(0, characters).ToArray();

        for (var round = 0; round < 500; round++)
        {
            var text = $"it is {new string(random.GetItems(alphabet, 2000))} now";
            Assert.Same(text, Redactor.Redact(text));
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\\n")]
    public void A_private_key_goes_with_all_of_its_lines(string lineBreak)
    {
        var lines = Enumerable.Range(0, 20).Select(line => new string((char)('a' + line), 64)).ToList();
        string[] pem = ["-----BEGIN RSA PRIVATE KEY-----", .. lines, "-----END RSA PRIVATE KEY-----"];

        foreach (var before in (string[])["", "private_key: \"", "key = "])
        {
            var redacted = Redactor.Redact($"{before}{string.Join(lineBreak, pem)}\" and more");

            Assert.Equal($"{before}{Redactor.Replacement}\" and more", redacted);
            // Cut off by a limit somewhere on its way.
            Assert.Equal($"{before}{Redactor.Replacement}", Redactor.Redact($"{before}{string.Join(lineBreak, pem[..9])}"));
        }
    }

    [Theory]
    [InlineData("Authorization", "anything")]
    [InlineData("http.request.header.x-api-key", "anything")]
    [InlineData("access_token", "anything")]
    [InlineData("WebhookSecret", "anything")]
    [InlineData("http.request.header.set-cookie", "anything")]
    [InlineData("aws.secretAccessKey", "anything")]
    [InlineData("Private Key", "anything")]
    public void A_field_named_like_a_credential_loses_its_value(string name, string value) =>
        Assert.Equal(Redactor.Replacement, Redactor.Redact(name, value));

    [Theory]
    [InlineData("token_type")]
    [InlineData("gen_ai.usage.input_tokens")]
    [InlineData("public_key")]
    [InlineData("http.route")]
    [InlineData("")]
    public void A_field_that_only_sounds_like_one_keeps_its_value(string name) =>
        Assert.Equal("anything", Redactor.Redact(name, "anything"));

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
    [InlineData("cookie:")]
    [InlineData("key=")]
    [InlineData("key=\"")]
    [InlineData("auth:«")]
    [InlineData("key: |\n")]
    [InlineData("token=[")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"")]
    [InlineData("{\"value\":{\"value\":")]
    [InlineData("[\"token\",")]
    [InlineData("{\"value\":1,\"name\":\"token\",")]
    [InlineData("<password>")]
    [InlineData("<password><![CDATA[")]
    [InlineData("<token ")]
    [InlineData("name=key ")]
    [InlineData("- name: token\n  value: ")]
    [InlineData("key: - ")]
    [InlineData("key:\n- a\n")]
    [InlineData("curl -u ")]
    [InlineData("://a:b")]
    [InlineData("%25")]
    [InlineData("\\u005c")]
    [InlineData("&amp;")]
    [InlineData("_secret_")]
    [InlineData("ghp_xxxxxxxx")]
    [InlineData("token token ")]
    [InlineData("a@token=a, ")]
    [InlineData("token,a\n")]
    [InlineData("token;a\nb,c\n")]
    [InlineData("|token|\n|--|\n")]
    [InlineData("(token)values(1),")]
    [InlineData("(token)values((")]
    [InlineData("{\"token\"=>")]
    [InlineData("token: {")]
    [InlineData("token = { \"x\" }")]
    [InlineData("set token x\n")]
    [InlineData("0123456789abcdef0123456789abcdef-01234567-")]
    [InlineData("\\x41")]
    public void Time_grows_with_the_text_and_not_faster(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 400_000 / unit.Length));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        Redactor.Redact(text);

        // Measured: well below a second. Backtracking over this would take minutes.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"took {clock.Elapsed}");
    }
}
