using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class SourceReloadTests
{
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Webhooks:Sources:github:Scheme"] = "github",
            ["WEBHOOK_SECRET_GITHUB"] = "secret-of-github",
            ["WEBHOOK_SECRET_SHOP"] = "secret-of-the-shop",
        })
        .Build();

    [Fact]
    public void A_right_change_takes_effect()
    {
        using var catalog = NewCatalog();

        Change(("Webhooks:Sources:shop:Scheme", "provider"), ("Webhooks:Sources:github:MaxBodyBytes", "17"));

        Assert.NotNull(catalog.Find("shop"));
        Assert.Equal(17, catalog.Find("github")!.MaxBodyBytes);
    }

    [Theory]
    [InlineData("Webhooks:Sources:shop:Scheme", "homemade")]
    [InlineData("Webhooks:Sources:Shop:Scheme", "provider")]
    [InlineData("Webhooks:Sources:sh op:Scheme", "provider")]
    [InlineData("Webhooks:Sources:shop:Secrets:0:Key", "NOT_SET")]
    [InlineData("Webhooks:Sources:shop:DeliveryId", "cookie:id")]
    [InlineData("Webhooks:Sources:shop:EventType", "")]
    [InlineData("Webhooks:Sources:shop:Tolerance", "5 minutes")]
    [InlineData("Webhooks:Sources:shop:Tolerance", "00:00:00.5")]
    [InlineData("Webhooks:Sources:shop:MaxBodyBytes", "much")]
    [InlineData("Webhooks:Sources:shop:MaxBodyBytes", "0")]
    [InlineData("Webhooks:Sources:shop:MaxBodyBytes", "99999999999")]
    [InlineData("Webhooks:Sources:shop:Replies:Accepted:Status", "500")]
    [InlineData("Webhooks:Sources:shop:Replies:Refusals:MissingHeader:Status", "200")]
    [InlineData("Webhooks:Sources:shop:Replies:Refusals:BadTimestamp:Status", "400")]
    public void A_broken_change_leaves_all_sources_as_they_were(string key, string value)
    {
        using var catalog = NewCatalog();
        var before = catalog.Find("github");

        Change(($"{string.Join(':', key.Split(':').Take(3))}:Scheme", "provider"), (key, value),
            ("Webhooks:Sources:github:MaxBodyBytes", "17"));

        Assert.Same(before, catalog.Find("github"));
        Assert.Null(catalog.Find("shop"));
    }

    [Fact]
    public void A_change_that_is_put_right_takes_effect()
    {
        using var catalog = NewCatalog();

        Change(("Webhooks:Sources:shop:Scheme", "provider"), ("Webhooks:Sources:shop:Tolerance", "5 minutes"));
        Change(("Webhooks:Sources:shop:Tolerance", "00:05:00"));

        Assert.Equal(TimeSpan.FromMinutes(5), catalog.Find("shop")!.Tolerance);
    }

    [Fact]
    public void A_source_without_a_signature_is_warned_of_at_the_start_and_at_each_change()
    {
        Change(("Webhooks:Sources:shop:Scheme", "none"));
        using var log = new RecordedLog();
        using var catalog = NewCatalog(log, "Development");

        Change(("Webhooks:Sources:github:MaxBodyBytes", "17"));

        Assert.Equal(
            2, log.Of(2003)
                .Count(line => line.Level == LogLevel.Warning && line.Text.Contains("shop", StringComparison.Ordinal)));
    }

    [Fact]
    public void Outside_Development_no_change_brings_a_source_without_a_signature()
    {
        using var log = new RecordedLog();
        using var catalog = NewCatalog(log);

        Change(("Webhooks:Sources:shop:Scheme", "none"));

        Assert.Null(catalog.Find("shop"));
        Assert.Contains("Webhooks:Sources:shop:Scheme", Assert.Single(log.Of(2001)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_whose_secrets_have_all_expired_stays_and_is_warned_of()
    {
        Change(
            ("Webhooks:Sources:github:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
            ("Webhooks:Sources:github:Secrets:0:ExpiresAt", "2020-01-01"),
            ("Webhooks:Sources:shop:Scheme", "provider"));
        using var log = new RecordedLog();
        using var catalog = NewCatalog(log);

        Assert.NotNull(catalog.Find("github"));
        var warning = Assert.Single(log.Of(2004));
        Assert.Contains("WEBHOOK_SECRET_GITHUB", warning.Text, StringComparison.Ordinal);
        Assert.Equal(LogLevel.Warning, warning.Level);
    }

    private SourceCatalog NewCatalog(RecordedLog log, string environment = "Production")
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        return new(
            _configuration, new HostingEnvironment { EnvironmentName = environment }, TimeProvider.System,
            factory.CreateLogger<SourceCatalog>());
    }

    private SourceCatalog NewCatalog() =>
        new(_configuration, new HostingEnvironment { EnvironmentName = "Production" }, TimeProvider.System,
            NullLogger<SourceCatalog>.Instance);

    private void Change(params (string Key, string Value)[] settings)
    {
        foreach (var (key, value) in settings)
        {
            _configuration[key] = value;
        }

        _configuration.Reload();
    }
}
