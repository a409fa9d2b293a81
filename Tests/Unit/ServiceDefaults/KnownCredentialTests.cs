using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>
/// What identifies and what is shown as it was sent: it loses given secrets and what is a credential by itself, and nothing else.
/// </summary>
public sealed class KnownCredentialTests
{
    private const string Secret = "a-secret/of+this==process";

    private static readonly Redactor Redactor = new([Secret]);

    [Theory]
    [InlineData("password:reset")]
    [InlineData("token:transfer")]
    [InlineData("api-key:revoked")]
    [InlineData("oauth:token:issued")]
    [InlineData("secret=rotated")]
    [InlineData("access_token: 0123456789abcdef")]
    [InlineData("authorization: Bearer 0123456789abcdef0123")]
    [InlineData("basic dXNlcjpwYXNzd29yZA==")]
    [InlineData("cookie: sid=0123456789")]
    [InlineData("mysql;pwd=hunter2")]
    [InlineData("curl -u me:my-password https://example.com/")]
    [InlineData("--password hunter2 --token abcdef")]
    [InlineData("datadog_app_key = 0123456789abcdef0123456789abcdef01234567")]
    [InlineData("{\"password\":\"hunter2\"}")]
    [InlineData("Re: the token: it is at reception")]
    [InlineData("")]
    public void What_a_name_or_a_word_before_it_suggests_stays_the_same_instance(string text) =>
        Assert.Same(text, Redactor.RedactKnown(text));

    public static TheoryData<string> Names => [.. Canaries.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_shows_by_itself_that_it_is_a_credential_is_taken_out(string name)
    {
        var credential = Canaries.All[name];
        foreach (var (before, after) in new[] { ("", ""), ("issues.", ""), ("the token: ", " is here"), ("\"", "\"") })
        {
            var redacted = Redactor.RedactKnown($"{before}{credential}{after}");

            Assert.DoesNotContain(credential, redacted, StringComparison.Ordinal);
            Assert.StartsWith(before, redacted, StringComparison.Ordinal);
            Assert.EndsWith($"{Redactor.Replacement}{after}", redacted, StringComparison.Ordinal);
        }
    }

    // Chance also makes what looks like joined words: a rule that asks for more changes of kind missed one Google key in 70.
    [Theory]
    [InlineData("AIza", 35)]
    [InlineData("hf_", 34)]
    [InlineData("fw_", 24)]
    [InlineData("live_", 30)]
    [InlineData("pi_3MtwBwLkdIwHu7ix_secret_", 25)]
    public void What_a_prefix_and_a_length_tell_is_taken_out_whatever_chance_made_of_it(string prefix, int length)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        var chance = new Random(length);
        for (var round = 0; round < 2_000; round++)
        {
            var random = new string(chance.GetItems<char>(prefix == "hf_" ? Letters : Letters + "0123456789", length));

            Assert.DoesNotContain(random, Redactor.Redact($"see {prefix}{random}."), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("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")]
    [InlineData("fw_updateFirmwareVersionInfo")]
    [InlineData("live_previewOfTheNextVersionOfTheS")]
    [InlineData("AIzaboutTheNextGenerationOfAssistantsxy")]
    [InlineData("pi_of_secret_santaGiftExchangeList")]
    public void Joined_words_of_the_same_prefix_and_length_stay(string text) => Assert.Equal(text, Redactor.Redact(text));

    [Theory]
    [InlineData("https://me:my-password@example.com/", "https://me:***redacted***@example.com/")]
    [InlineData(
        "https://hooks.slack.com/services/T00000000/B00000000/0123456789abcdefghijklmn",
        "https://hooks.slack.com/services***redacted***")]
    [InlineData(
        "https://hooks.slack.com/actions/T061EG9R6/8012345678901/0123456789abcdefghijklmn",
        "https://hooks.slack.com/actions***redacted***")]
    [InlineData(
        """{"response_url":"https:\/\/hooks.slack.com\/commands\/T061EG9R6\/801234567890\/0123456789abcdefghijklmn"}""",
        """{"response_url":"https:\/\/hooks.slack.com\/commands***redacted***"}""")]
    [InlineData(
        "https%3A%5C%2F%5C%2Fhooks.slack.com%5C%2Factions%5C%2FT061EG9R6%5C%2F801234567890%5C%2F0123456789abcdefghijklmn%22",
        "https%3A%5C%2F%5C%2Fhooks.slack.com%5C%2Factions***redacted***%22")]
    public void What_a_URL_carries_as_a_credential_is_taken_out(string text, string expected) =>
        Assert.Equal(expected, Redactor.RedactKnown(text));

    [Fact]
    public void A_private_key_is_taken_out_with_all_of_its_lines()
    {
        var key = $"-----BEGIN PRIVATE KEY-----\n{new string('a', 64)}\n{new string('b', 64)}\n-----END PRIVATE KEY-----";

        Assert.Equal($"key: {Redactor.Replacement} end", Redactor.RedactKnown($"key: {key} end"));
    }

    [Fact]
    public void A_given_secret_is_taken_out_in_every_spelling()
    {
        string[] spellings =
            [Secret, Uri.EscapeDataString(Secret), Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))];
        foreach (var spelling in spellings)
        {
            Assert.Equal($"id:{Redactor.Replacement}", Redactor.RedactKnown($"id:{spelling}"));
        }
    }

    [Fact]
    public void A_secret_of_another_process_is_taken_out()
    {
        var (redactor, salt) = (new Redactor([]), new byte[32]);
        redactor.LearnFingerprints(SecretFingerprint.OfSecret(Secret, salt), salt);

        Assert.Equal($"password:{Redactor.Replacement}", redactor.RedactKnown($"password:{Secret}"));
    }
}
