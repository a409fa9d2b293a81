using System.Security.Cryptography;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>Secrets that this process knows by their fingerprints alone.</summary>
public sealed class SharedSecretsTests
{
    private const string Long = "Xk7q-Zt94-mmW2-pLs8-vvR1";
    private const string Short = "kW9z!tq4";

    private static readonly byte[] Salt = [.. Enumerable.Range(0, 16).Select(number => (byte)number)];

    [Theory]
    [InlineData($"the key is {Long}.", "the key is ***redacted***.")]
    [InlineData(Long, "***redacted***")]
    [InlineData($"{Long}{Long}", "***redacted***")]
    [InlineData($"x{Short}y", "x***redacted***y")]
    [InlineData($"{Short} and {Long}", "***redacted*** and ***redacted***")]
    public void A_shared_secret_is_taken_out_wherever_it_stands(string text, string redacted) =>
        Assert.Equal(redacted, Knowing(Long, Short).Redact(text));

    [Fact]
    public void Every_spelling_that_is_redacted_of_a_secret_of_our_own_is_redacted_of_another_s()
    {
        const string Secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD/äö\"q";
        var redactor = Knowing(Secret);

        Assert.All(SecretForms.Of(Secret), form => Assert.DoesNotContain(form, redactor.Redact($"<{form}>"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("Xk7q-Zt94-mmW2-pLs8-vvR2")]
    [InlineData("Xk7q-Zt94-mmW2-pLs8-vvR")]
    [InlineData("k7q-Zt94-mmW2-pLs8-vvR1")]
    [InlineData("kW9z!tq5 kW9z!tq")]
    public void What_only_resembles_one_stays(string text)
    {
        var redactor = Knowing(Long, Short);

        Assert.Same(text, redactor.Redact(text));
        Assert.True(redactor.Find(text).AreEmpty);
    }

    [Fact]
    public void One_within_and_across_another_leave_nothing_of_either()
    {
        string[] secrets = ["abcdefgh-ijklmnop", "mnop-qrstuvwxyz12", "cdefgh-ij", "p-qrstuvwxyz12345"];

        var redacted = Knowing(secrets).Redact("[abcdefgh-ijklmnop-qrstuvwxyz12345]");

        Assert.Equal("[***redacted***]", redacted);
    }

    [Fact]
    public void A_text_made_of_what_looks_like_secrets_costs_no_more_than_a_bounded_number_of_confirmations()
    {
        // The last eight characters are the secret's, time and again: each is a candidate, and only the first hundred are confirmed.
        var text = string.Concat(Enumerable.Repeat($"0123456789abcdef{Long[^8..]} ", 10_000));

        var redacted = Knowing(Long).Redact(text);

        // What is not confirmed is not shown.
        Assert.Contains(Redactor.Replacement, redacted, StringComparison.Ordinal);
        Assert.StartsWith($"0123456789abcdef{Long[^8..]} ", redacted, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_texts_with_a_secret_planted_lose_the_secret_and_nothing_else()
    {
        var random = new Random(1);
        for (var run = 0; run < 500; run++)
        {
            var secret = Text(random, random.Next(8, 40));
            var (before, after) = (Text(random, random.Next(0, 50)), Text(random, random.Next(0, 50)));
            var fingerprints = new[] { SecretFingerprint.Of(secret, Salt) };

            Assert.Equal(
                $"{before}{Redactor.Replacement}{after}",
                new KnownSecrets([]).With(new SharedSecrets(fingerprints, Salt)).TakeOut(before + secret + after));
        }
    }

    [Fact]
    public void A_fingerprint_holds_nothing_of_the_secret_and_differs_by_salt()
    {
        var one = SecretFingerprint.Of(Long, Salt);
        var other = SecretFingerprint.Of(Long, RandomNumberGenerator.GetBytes(16));

        Assert.Equal(Long.Length, one.Length);
        Assert.NotEqual(one.Hash, other.Hash);
        Assert.NotEqual(one.Hint, other.Hint);
        Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(Long[..4])), Convert.ToHexString(one.Hash), StringComparison.Ordinal);
        Assert.Equal(0, SecretFingerprint.Of(Short, Salt).Hint & 0xFF);
    }

    private static string Text(Random random, int length) =>
        string.Create(length, random, (characters, random) =>
        {
            for (var at = 0; at < characters.Length; at++)
            {
                characters[at] = (char)random.Next('!', '~');
            }
        });

    private static Redactor Knowing(params string[] secrets)
    {
        var redactor = new Redactor([]);
        redactor.LearnFingerprints(secrets.SelectMany(secret => SecretFingerprint.OfSecret(secret, Salt)), Salt);
        return redactor;
    }
}
