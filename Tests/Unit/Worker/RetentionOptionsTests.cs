using Aspire.Webhooks.Worker.Retention;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.Worker;

public sealed class RetentionOptionsTests
{
    [Fact]
    public void The_defaults_agree_with_each_other() => Assert.Empty(Errors(new()));

    [Fact]
    public void Events_are_kept_as_long_as_what_belongs_to_them()
    {
        Assert.Contains(
            "Webhooks:Retention:Ledger is 0 or at least Bodies",
            Assert.Single(Errors(new() { Bodies = TimeSpan.FromDays(91) })), StringComparison.Ordinal);
        Assert.Contains("at least Steps", Assert.Single(Errors(new() { Steps = TimeSpan.Zero })), StringComparison.Ordinal);
        Assert.Empty(Errors(new() { Bodies = TimeSpan.Zero, Steps = TimeSpan.Zero, Ledger = TimeSpan.Zero }));
    }

    [Fact]
    public void Events_are_kept_as_long_as_delivery_ids_are_remembered()
    {
        var options = new RetentionOptions
        {
            Ledger = TimeSpan.FromDays(29), Bodies = TimeSpan.FromDays(1), Steps = TimeSpan.FromDays(1),
        };

        Assert.Contains(
            "at least Webhooks:Idempotency:Ttl", Assert.Single(Errors(options, "30.00:00:00")), StringComparison.Ordinal);
        Assert.Empty(Errors(new() { Ledger = TimeSpan.FromDays(30) }, "30.00:00:00"));
        (options.Ledger, options.Bodies, options.Steps) = (TimeSpan.FromHours(6), TimeSpan.FromHours(3), TimeSpan.FromHours(3));
        Assert.Empty(Errors(options, "01:00:00"));
    }

    [Fact]
    public void Each_source_is_checked_with_what_it_does_not_set()
    {
        var options = new RetentionOptions();
        options.Sources["short"] = new() { Ledger = TimeSpan.FromDays(10) };
        options.Sources["long"] = new() { Bodies = TimeSpan.FromDays(400), Ledger = TimeSpan.FromDays(400) };

        Assert.Equal(2, Errors(options).Count);
        Assert.All(Errors(options), error => Assert.EndsWith(" of short.", error, StringComparison.Ordinal));
        Assert.All(
            Errors(options),
            error => Assert.StartsWith("Webhooks:Retention:Sources:short:Ledger ", error, StringComparison.Ordinal));
    }

    [Fact]
    public void Events_of_a_source_are_kept_as_long_as_its_digests_count()
    {
        var options = new RetentionOptions();
        options.Sources["short"] = new() { Ledger = TimeSpan.FromDays(40) };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Webhooks:Sources:short:DeduplicationWindow", "41.00:00:00"),
            new("Webhooks:Sources:other:DeduplicationWindow", "90.00:00:00"),
        ]).Build();

        Assert.Equal(
            ["Webhooks:Retention:Sources:short:Ledger is 0 or at least Webhooks:Sources:short:DeduplicationWindow of short."],
            options.Errors(configuration), StringComparer.Ordinal);
    }

    private static List<string> Errors(RetentionOptions options, string? ttl = null) =>
        [.. options.Errors(new ConfigurationBuilder().AddInMemoryCollection([new("Webhooks:Idempotency:Ttl", ttl)]).Build())];
}
