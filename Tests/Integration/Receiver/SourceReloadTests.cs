using Aspire.Webhooks.Receiver.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
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

        Change(($"{string.Join(':', key.Split(':').Take(3))}:Scheme", "provider"), (key, value), ("Webhooks:Sources:github:MaxBodyBytes", "17"));

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

    private SourceCatalog NewCatalog() =>
        new(_configuration, new HostingEnvironment { EnvironmentName = "Production" }, TimeProvider.System, NullLogger<SourceCatalog>.Instance);

    private void Change(params (string Key, string Value)[] settings)
    {
        foreach (var (key, value) in settings)
        {
            _configuration[key] = value;
        }

        _configuration.Reload();
    }
}
