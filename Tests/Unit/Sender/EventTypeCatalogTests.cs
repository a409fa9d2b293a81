using Aspire.Webhooks.Sender;
using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.Sender;

/// <summary>The types of events that there are.</summary>
public sealed class EventTypeCatalogTests
{
    [Fact]
    public void The_configured_types_are_known_beside_our_own_in_the_order_of_their_names()
    {
        var catalog = Catalog(("payment.failed", "A payment failed."), ("Order_1-b", "Something."));

        Assert.Equal(
            ["Order_1-b", "endpoint.disabled", "payment.failed", "task.completed"], catalog.All.Select(type => type.Name),
            StringComparer.Ordinal);
        Assert.Equal("A payment failed.", catalog.All.Single(type => type.Name == "payment.failed").Description);
        Assert.All(catalog.All, type => Assert.True(catalog.Knows(type.Name), type.Name));
        Assert.All(
            ["payment", "payment.failed.twice", "PAYMENT.FAILED", "*", "", "webhook.ping"], name =>
                Assert.False(catalog.Knows(name), name));
    }

    [Fact]
    public void Our_own_types_can_be_described_in_other_words() =>
        Assert.Equal("Done.", Catalog(("task.completed", "Done.")).All.Single(type => type.Name == "task.completed").Description);

    [Theory]
    [InlineData("webhook.ping", "Why not.", ": the name is reserved for pings.")]
    [InlineData("payment failed", "A payment failed.", ": a name can contain only letters, digits, '_', '.' and '-'.")]
    [InlineData("zahlung.überfällig", "A payment is late.", ": a name can contain only letters, digits, '_', '.' and '-'.")]
    [InlineData("payment.*", "Payments.", ": a name can contain only letters, digits, '_', '.' and '-'.")]
    [InlineData("payment.failed", " ", ":Description is not set.")]
    public void A_type_that_cannot_be_is_named_at_start(string name, string description, string error) => Assert.Equal(
        $"Webhooks:EventTypes:{name}{error}",
        Assert.Throws<OptionsValidationException>(() => Catalog((name, description))).Message);

    [Fact]
    public void A_name_has_up_to_255_characters()
    {
        var longest = new string('a', 255);

        Assert.True(Catalog((longest, "Long.")).Knows(longest));
        Assert.Contains(
            "1 to 255 characters", Assert.Throws<OptionsValidationException>(() => Catalog(($"{longest}a", "Longer."))).Message,
            StringComparison.Ordinal);
    }

    private static EventTypeCatalog Catalog(params (string Name, string Description)[] types)
    {
        var configuration = new ConfigurationManager();
        foreach (var (name, description) in types)
        {
            configuration[$"Webhooks:EventTypes:{name}:Description"] = description;
        }

        return new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddEventTypes().BuildServiceProvider()
            .GetRequiredService<EventTypeCatalog>();
    }
}
