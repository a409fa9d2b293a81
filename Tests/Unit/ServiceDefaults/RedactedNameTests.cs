using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>Every name that the rule knows, however it is written.</summary>
public sealed class RedactedNameTests
{
    private const string Random = "Xk7Qm2Lp9Rt4Vz8nB3wY";
    private const string Digits = "492817";

    private static readonly Redactor Redactor = new([]);

    public static TheoryData<string, string> Names =>
        [.. CredentialName.All.Select(known => new TheoryDataRow<string, string>(known.Name, $"{known.Kind}"))];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_field_of_the_name_is_redacted_in_any_spelling(string name, string kind)
    {
        foreach (var spelling in Spellings(name))
        {
            Assert.Equal($$"""{"{{spelling}}":"***redacted***"}""", Redactor.Redact($$"""{"{{spelling}}":"{{Random}}"}"""));
            Assert.Equal($$"""{"{{Escaped(spelling)}}":"***redacted***"}""", Redactor.Redact($$"""{"{{Escaped(spelling)}}":"{{Random}}"}"""));
            Assert.Equal("***redacted***", Redactor.Redact(spelling, Random));
        }

        if (kind == nameof(NameKind.Code))
        {
            Assert.Equal($$"""{"{{name}}":"***redacted***"}""", Redactor.Redact($$"""{"{{name}}":{{Digits}}}"""));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_assigned_to_the_name_is_redacted_in_any_spelling(string name, string kind)
    {
        // A cookie's header has pairs.
        var value = kind == nameof(NameKind.Cookie) ? $"sid={Random}" : Random;
        foreach (var spelling in Spellings(name))
        {
            foreach (var sign in (string[])[": ", "=", " = ", " => ", " := "])
            {
                Assert.Equal(
                    $"first line\n{spelling}{sign}***redacted***\nlast line",
                    Redactor.Redact($"first line\n{spelling}{sign}{value}\nlast line"));
            }
        }
    }

    [Theory]
    [InlineData("db_password")]
    [InlineData("DbPassword")]
    [InlineData("PGPASSWORD")]
    [InlineData("spring.datasource.password")]
    [InlineData("accesstoken")]
    [InlineData("password2")]
    [InlineData("password_confirmation")]
    [InlineData("newPasswordAgain")]
    [InlineData("SECRET_KEY_BASE")]
    [InlineData("secretString")]
    [InlineData("tokenValue")]
    [InlineData("X-Vault-Token")]
    [InlineData("Ocp-Apim-Subscription-Key")]
    [InlineData("WEBHOOK_SECRET_GITHUB")]
    [InlineData("STRIPE_SECRET_KEY_TEST")]
    [InlineData("JSESSIONID")]
    [InlineData("connect.sid")]
    [InlineData("http.request.header.set-cookie")]
    public void A_name_counts_by_the_words_at_its_end(string name) =>
        Assert.Equal($$"""{"{{name}}":"***redacted***"}""", Redactor.Redact($$"""{"{{name}}":"{{Random}}"}"""));

    [Theory]
    [InlineData("next_token")]
    [InlineData("nextPageToken")]
    [InlineData("continuationToken")]
    [InlineData("Postman-Token")]
    [InlineData("public_key")]
    [InlineData("token_type")]
    [InlineData("token_id")]
    [InlineData("access_key_id")]
    [InlineData("secret_arn")]
    [InlineData("password_hint")]
    [InlineData("password_changed_at")]
    [InlineData("verification_session")]
    [InlineData("MessageSid")]
    [InlineData("authorizer")]
    [InlineData("passenger")]
    [InlineData("compass")]
    [InlineData("monkey")]
    public void A_name_that_only_sounds_like_one_keeps_its_value(string name)
    {
        var json = $$"""{"{{name}}":"{{Random}}"}""";

        Assert.Same(json, Redactor.Redact(json));
        Assert.Same(Random, Redactor.Redact(name, Random));
    }

    [Theory]
    [InlineData("""{"max_tokens":100,"prompt_tokens":5}""")]
    [InlineData("""{"secrets":"inherit","tokens":["read","write"]}""")]
    [InlineData("""{"pass":"yes","auth":"keyboard-interactive","session":"closed"}""")]
    [InlineData("""{"key":"uploads/2026/report.pdf","sid":"S-1-5-21-1004336348"}""")]
    [InlineData("""{"pin":13,"otp":true,"token":0}""")]
    [InlineData("""{"cookies":true,"cookie":"accepted"}""")]
    public void A_name_that_may_mean_another_thing_asks_for_a_value_that_looks_like_one(string json) =>
        Assert.Same(json, Redactor.Redact(json));

    private static IEnumerable<string> Spellings(string name)
    {
        var words = name.Split(' ');
        var pascal = words.Select(word => char.ToUpperInvariant(word[0]) + word[1..]).ToList();
        string[] spellings =
        [
            string.Join('_', words), string.Join('-', words), string.Concat(words.Take(1).Concat(pascal.Skip(1))),
            string.Concat(pascal), name, string.Join(' ', pascal), string.Join('.', words),
            string.Join('_', words).ToUpperInvariant(), string.Join('-', pascal), string.Concat(words),
        ];
        // What counts by itself alone has no plural.
        return spellings.Concat(
            name.EndsWith('s') || name is "session" or "sid" or "api" or "code" or "pw"
                ? []
                : spellings.Select(spelling => spelling + "s"))
            .Distinct(StringComparer.Ordinal);
    }

    private static string Escaped(string name) => $"{name[..1]}\\u{(int)name[1]:x4}{name[2..]}";
}
