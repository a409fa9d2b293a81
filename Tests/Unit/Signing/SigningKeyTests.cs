using Aspire.Webhooks.ServiceDefaults.Redaction;
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

    [Theory]
    [InlineData(KeyEncoding.Hex, "0g")]
    [InlineData(KeyEncoding.Hex, "012")]
    [InlineData(KeyEncoding.Base64, "a secret!")]
    [InlineData(KeyEncoding.Ed25519, "my hunter22 !")]
    [InlineData(KeyEncoding.Ed25519, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData(KeyEncoding.Ed25519, "d52880e28f61caa4c2a48a82e55f4751a92289a78009ea9f6532270c16ce8a")]
    [InlineData(KeyEncoding.Ed25519, "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOig==")]
    // The public half is another key's.
    [InlineData(
        KeyEncoding.Ed25519, "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6KvQ==")]
    public void A_secret_that_is_not_written_as_its_scheme_asks_is_refused(KeyEncoding encoding, string secret)
    {
        var error = Assert.Throws<FormatException>(() => SigningKey.Parse(new Secret(secret), encoding));
        Assert.DoesNotContain(secret, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDw0dSuA==", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDw0dSuA")]
    [InlineData("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDw0dSuA==", "C2FVsBQIhrscChlQIMV+b5sSYspob7oDw0dSuA")]
    [InlineData("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDw0dSuA==", "v1,whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDw0dSuA")]
    [InlineData(
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", "v1a,whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4")]
    public void A_secret_is_the_same_without_padding_and_with_the_version_that_a_provider_shows(string secret, string shown)
    {
        var expected = SigningKey.Parse(new Secret(secret), KeyEncoding.StandardWebhooks);
        var key = SigningKey.Parse(new Secret(shown), KeyEncoding.StandardWebhooks);

        Assert.Equal(Convert.ToHexString(expected.Bytes), Convert.ToHexString(key.Bytes));
        Assert.Equal(expected.CanSign, key.CanSign);
    }

    [Fact]
    public void Base64_of_another_scheme_needs_no_padding_either() => Assert.Equal(
        Convert.ToHexString(SigningKey.Parse(new Secret("QS1zZWNyZXQ="), KeyEncoding.Base64).Bytes),
        Convert.ToHexString(SigningKey.Parse(new Secret("QS1zZWNyZXQ"), KeyEncoding.Base64).Bytes));

    [Fact]
    public void An_expired_key_signs_nothing() =>
        Assert.Throws<ArgumentException>(() => MessageSigner.Sign(
            SignatureSchemes.GitHub,
            [SigningKey.Parse(new Secret("one-secret"), KeyEncoding.Utf8, DateTimeOffset.UnixEpoch)],
            "1",
            DateTimeOffset.UnixEpoch,
            "{}"u8));

    [Theory]
    [InlineData("twilio")]
    [InlineData("square")]
    public void A_scheme_that_signs_the_URL_is_not_signed_without_one(string scheme) =>
        Assert.Throws<ArgumentException>(() => MessageSigner.Sign(
            SignatureSchemes.ByName[scheme], [SigningKey.Parse(new Secret("one-secret"), KeyEncoding.Utf8)], "1",
            DateTimeOffset.UnixEpoch, "{}"u8));

    [Theory]
    [InlineData(KeyEncoding.Utf8, "12345678901234567890123", true, true)]
    [InlineData(KeyEncoding.Utf8, "123456789012345678901234", true, false)]
    [InlineData(KeyEncoding.StandardWebhooks, SampleRequest.PrivateKey, true, false)]
    [InlineData(KeyEncoding.StandardWebhooks, "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", false, false)]
    [InlineData(KeyEncoding.Ed25519, "d52880e28f61caa4c2a48a82e55f4751a92289a78009ea9f6532270c16ce8abe", false, false)]
    public void A_shared_key_and_a_private_one_sign_and_a_shared_one_can_be_short(
        KeyEncoding encoding, string secret, bool canSign, bool isShort)
    {
        var key = SigningKey.Parse(new Secret(secret), encoding);

        Assert.Equal((canSign, isShort), (key.CanSign, key.IsShort));
    }

    [Fact]
    public void An_identity_signs_nothing_and_is_not_short()
    {
        var identity = SigningKey.Identity("aud=x");

        Assert.Equal((false, false), (identity.CanSign, identity.IsShort));
        Assert.Throws<ArgumentException>(() => MessageSigner.Hmac(identity, "text"));
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
        SigningKey[] two = [
            SigningKey.Parse(new Secret("one-secret"), KeyEncoding.Utf8),
            SigningKey.Parse(new Secret("two-secret"), KeyEncoding.Utf8)];

        var headers = MessageSigner.Sign(SignatureSchemes.Standard, two, "msg_1", DateTimeOffset.UnixEpoch, "{}"u8);

        Assert.Equal(2, headers.Single(h => h.Key == "webhook-signature").Value.Split(' ').Length);
        Assert.Throws<ArgumentException>(
            () => MessageSigner.Sign(SignatureSchemes.GitHub, two, "1", DateTimeOffset.UnixEpoch, "{}"u8));
    }
}
