using Aspire.Webhooks.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Tests.Unit.Signing;

public sealed class SigningKeyTests
{
    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_not base64!")]
    [InlineData("my hunter22 !")]
    [InlineData("whpk_AAAA")]
    [InlineData("whsk_AAAA")]
    public void A_secret_that_is_no_key_is_refused_without_being_quoted(string secret)
    {
        var error = Assert.Throws<FormatException>(() => SigningKey.Parse(new Secret(secret), KeyEncoding.StandardWebhooks));
        if (secret.Length > 6)
        {
            Assert.DoesNotContain(secret[6..], error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_never_shows_itself() =>
        Assert.Equal("***", SigningKey.Parse(new Secret("hunter22"), KeyEncoding.Utf8).ToString());

    [Fact]
    public void A_public_key_cannot_sign() =>
        Assert.Throws<ArgumentException>(() => MessageSigner.Sign(
            SignatureSchemes.Standard,
            [SigningKey.Parse(new Secret("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="), KeyEncoding.StandardWebhooks)],
            "msg_1",
            DateTimeOffset.UnixEpoch,
            "{}"u8));

    [Fact]
    public void Each_active_key_signs_in_a_list_scheme_and_only_one_may_in_others()
    {
        SigningKey[] two = [SigningKey.Parse(new Secret("one-secret"), KeyEncoding.Utf8), SigningKey.Parse(new Secret("two-secret"), KeyEncoding.Utf8)];

        var headers = MessageSigner.Sign(SignatureSchemes.Standard, two, "msg_1", DateTimeOffset.UnixEpoch, "{}"u8);

        Assert.Equal(2, headers.Single(h => h.Key == "webhook-signature").Value.Split(' ').Length);
        Assert.Throws<ArgumentException>(() => MessageSigner.Sign(SignatureSchemes.GitHub, two, "1", DateTimeOffset.UnixEpoch, "{}"u8));
    }
}
