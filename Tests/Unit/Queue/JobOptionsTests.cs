using System.Text;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.Queue;

public sealed class JobOptionsTests
{
    [Fact]
    public void Sources_have_places_and_retries_of_their_own()
    {
        var options = Read<EventJobHandler, StoredEvent?>("""{ "PerLane": 5, "Sources": { "github": { "Concurrency": 2, "Retries": [ "00:00:05", "7.00:00:00" ] }, "stripe": {} } }""");

        Assert.Equal(5, options.PerLane);
        Assert.Equal(2, options.Sources["GitHub"].Concurrency);
        Assert.Equal([TimeSpan.FromSeconds(5), TimeSpan.FromDays(7)], options.Sources["github"].Retries!);
        Assert.Null(options.Sources["stripe"].Concurrency);
        Assert.Null(options.Sources["stripe"].Retries);
    }

    [Fact]
    public void An_empty_list_of_retries_is_no_retry()
    {
        Assert.Empty(Read<EventJobHandler, StoredEvent?>("""{ "Sources": { "github": { "Retries": [] } } }""").Sources["github"].Retries!);
    }

    [Fact]
    public void Every_error_is_reported_at_once_under_its_key()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read<TaskJobHandler, LoadedTask?>($$"""
            {
              "Concurrency": 0,
              "Sources": {
                "github": { "Concurrency": 0, "Retries": [ "00:00:01", "00:00:00", "7.00:00:01" ] },
                "stripe": { "Concurrency": 1001, "Retries": [ {{string.Join(", ", Enumerable.Repeat("\"00:00:01\"", 21))}} ] }
              }
            }
            """));

        Assert.Collection(
            error.Failures.Order(StringComparer.Ordinal),
            failure => Assert.StartsWith("Webhooks:Jobs:Task:Concurrency is 0", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("Webhooks:Jobs:Task:Sources:github:Concurrency is 0", failure, StringComparison.Ordinal),
            failure =>
                Assert.StartsWith("Webhooks:Jobs:Task:Sources:github:Retries:1 is 00:00:00", failure, StringComparison.Ordinal),
            failure =>
                Assert.StartsWith("Webhooks:Jobs:Task:Sources:github:Retries:2 is 7.00:00:01", failure, StringComparison.Ordinal),
            failure =>
                Assert.StartsWith("Webhooks:Jobs:Task:Sources:stripe:Concurrency is 1001", failure, StringComparison.Ordinal),
            failure =>
                Assert.StartsWith("Webhooks:Jobs:Task:Sources:stripe:Retries lists 21", failure, StringComparison.Ordinal));
    }

    [Fact]
    public void Deliveries_have_no_sources()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read<DeliveryJobHandler, DeliveryRow?>("""{ "Sources": { "github": { "Concurrency": 1 } } }"""));

        Assert.StartsWith("Webhooks:Jobs:Delivery:Sources: ", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    private static JobOptions Read<THandler, TWork>(string json)
        where THandler : class, IJobHandler<TWork>
    {
        var text = $$"""{ "Webhooks": { "Jobs": { "{{THandler.Kind}}": {{json}} } } }""";
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(text))).Build();
        using var provider = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddJobPump<THandler, TWork>()
            .BuildServiceProvider();
        return provider.GetRequiredService<IOptionsMonitor<JobOptions>>().Get(THandler.Kind.ToString());
    }
}
