using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.Signing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>What a source has from its scheme, and what is said of its secrets.</summary>
public sealed class SourceDefaultTests
{
    private const int MiB = 1024 * 1024;
    private const int ShortSecret = 2006;

    [Theory]
    [InlineData("github", null, 25 * MiB, 25 * MiB)]
    [InlineData("meta", null, 3 * MiB, 8 * MiB)]
    [InlineData("shopify", null, 8 * MiB, 8 * MiB)]
    [InlineData("stripe", null, MiB, 8 * MiB)]
    [InlineData("github", "2048", 2048, 8 * MiB)]
    [InlineData("stripe", "33554432", 32 * MiB, 32 * MiB)]
    public void The_largest_body_is_the_provider_s_cap_unless_it_is_set(string scheme, string? set, int body, int inflated)
    {
        var source = Read(scheme, SampleRequest.HmacSecret, out var errors, ("MaxBodyBytes", set))!;

        Assert.Empty(errors);
        Assert.Equal((body, inflated), (source.MaxBodyBytes, source.MaxInflatedBytes));
    }

    [Fact]
    public void No_scheme_s_cap_is_beyond_the_largest_that_can_be_set() =>
        Assert.All(SignatureSchemes.ByName.Values, scheme => Assert.InRange(scheme.MaxBodyBytes, MiB, 32 * MiB));

    [Theory]
    [InlineData("whsec_YQ==")]
    [InlineData("whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnc=")]
    public void A_secret_of_Standard_Webhooks_with_fewer_than_24_bytes_stops_the_start(string secret)
    {
        Assert.Null(Read("standard", secret, out var errors));

        Assert.Contains("WEBHOOK_SECRET_TRIED", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains("24 bytes", errors[0], StringComparison.Ordinal);
        Assert.DoesNotContain(secret, errors[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("standard", "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4", false)]
    [InlineData("standard", "YQ==", true)]
    [InlineData("github", "short-secret", true)]
    [InlineData("stripe", "whsec_YQ==", true)]
    [InlineData("messages", "twenty-three-characters", true)]
    [InlineData("messages", "twenty-four-characters-x", false)]
    [InlineData("discord", SampleRequest.PrivateKey, false)]
    public void Another_short_secret_is_warned_about(string scheme, string secret, bool warned)
    {
        using var log = new RecordedLog();
        using var logging = LoggerFactory.Create(logger => logger.AddProvider(log));
        using var catalog = new SourceCatalog(
            Configuration(scheme, secret), new HostingEnvironment { EnvironmentName = Environments.Production },
            TimeProvider.System, logging.CreateLogger<SourceCatalog>());

        Assert.Equal(warned, log.Of(ShortSecret).Any(line => line.Text.Contains("tried", StringComparison.Ordinal)));
        Assert.All(log.All, line => Assert.DoesNotContain(secret, line.Text, StringComparison.Ordinal));
    }

    private static Source? Read(
        string scheme, string secret, out IReadOnlyList<string> errors, params (string Key, string? Value)[] settings) =>
        SourceParser.Read(Configuration(scheme, secret, settings), isDevelopment: false, out errors).GetValueOrDefault("tried");

    private static IConfiguration Configuration(string scheme, string secret, params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Webhooks:Sources:tried:Scheme", scheme),
            new("WEBHOOK_SECRET_TRIED", secret),
            .. settings.Where(setting => setting.Value is not null)
                .Select(setting => KeyValuePair.Create($"Webhooks:Sources:tried:{setting.Key}", setting.Value)),
        ]).Build();
}
