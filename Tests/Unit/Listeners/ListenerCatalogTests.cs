using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Unit.Listeners;

public sealed class ListenerCatalogTests
{
    [Fact]
    public void A_listener_is_registered_in_one_line_and_twice_is_the_same_as_once()
    {
        using var services = new ServiceCollection()
            .AddWebhookListener<Invoices>()
            .AddWebhookListener<Everything>()
            .AddWebhookListener<Invoices>()
            .AddSingleton<ListenerCatalog>()
            .BuildServiceProvider();

        var matching = services.GetRequiredService<ListenerCatalog>().Matching(Event("shop", "invoice.paid"));

        Assert.Equal(
            [typeof(Invoices).FullName, typeof(Everything).FullName], matching.Select(named => named.Name),
            StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("shop", "invoice.paid", 2)]
    [InlineData("SHOP", "invoice.paid", 2)]
    [InlineData("shop", "order.paid", 1)]
    [InlineData("shop", "Invoice.paid", 1)]
    [InlineData("shop-2", "invoice.paid", 0)]
    [InlineData("*", "invoice.paid", 0)]
    public void Listeners_want_the_events_of_their_source_and_types(string source, string type, int count) =>
        Assert.Equal(count, new ListenerCatalog([new Invoices(), new Everything()]).Matching(Event(source, type)).Count);

    [Fact]
    public void All_errors_of_all_listeners_are_told_at_once()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => new ListenerCatalog([new Invoices(), new Invoices(), new Wrong()]));

        Assert.Contains(
            $"{typeof(Invoices).FullName} is registered more than once for the source 'shop'.", error.Message,
            StringComparison.Ordinal);
        Assert.Contains($"{typeof(Wrong).FullName}: 'in*ce'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{typeof(Wrong).FullName}: ''", error.Message, StringComparison.Ordinal);
    }

    private static WebhookEvent Event(string source, string type) =>
        new(Guid.Empty, source, "d", type, "application/json", new Dictionary<string, string>(StringComparer.Ordinal), default);

    private class Everything : WebhookListener
    {
        public override string Source => "shop";

        public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Invoices : Everything
    {
        public override IReadOnlyList<string> EventTypes => ["receipt", "invoice.*"];
    }

    private sealed class Wrong : Everything
    {
        public override IReadOnlyList<string> EventTypes => ["in*ce", "", "fine"];
    }
}
