using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.Sender;

public sealed class DeliveryOptionsTests
{
    [Fact]
    public void The_defaults_are_the_documents()
    {
        var options = Read();

        Assert.Equal(
            (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), DeliverySchedule.Default, null, TimeSpan.FromHours(1), 10),
            (options.Timeout, options.ConnectTimeout, options.Schedule, options.MaxRetries, options.MaxRetryAfter,
                options.MaxConsecutiveFailures));
    }

    [Theory]
    [InlineData("Timeout", "00:00:01")]
    [InlineData("Timeout", "00:02:00")]
    [InlineData("ConnectTimeout", "00:00:00.1")]
    [InlineData("ConnectTimeout", "00:01:00")]
    [InlineData("Schedule", "standard")]
    [InlineData("MaxRetries", "0")]
    [InlineData("MaxRetries", "20")]
    [InlineData("MaxRetryAfter", "00:00:00")]
    [InlineData("MaxRetryAfter", "1.00:00:00")]
    [InlineData("MaxConsecutiveFailures", "1")]
    [InlineData("MaxConsecutiveFailures", "10000")]
    public void A_value_at_the_edge_of_its_range_is_taken(string key, string value) => Assert.NotNull(Read((key, value)));

    [Theory]
    [InlineData("Timeout", "00:00:00.999")]
    [InlineData("Timeout", "00:02:00.001")]
    [InlineData("Timeout", "-00:00:30")]
    [InlineData("ConnectTimeout", "00:00:00")]
    [InlineData("ConnectTimeout", "00:01:00.001")]
    [InlineData("MaxRetries", "-1")]
    [InlineData("MaxRetries", "21")]
    [InlineData("MaxRetryAfter", "-00:00:01")]
    [InlineData("MaxRetryAfter", "1.00:00:01")]
    [InlineData("MaxConsecutiveFailures", "0")]
    [InlineData("MaxConsecutiveFailures", "10001")]
    public void A_value_outside_its_range_is_an_error_that_names_it(string key, string value) =>
        Assert.Contains(
            key, Assert.Single(Assert.Throws<OptionsValidationException>(() => Read((key, value))).Failures),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("Timeout", "soon")]
    [InlineData("Schedule", "exponential")]
    [InlineData("MaxRetries", "many")]
    [InlineData("MaxRetrys", "3")]
    public void A_value_or_a_name_that_is_not_known_is_an_error(string key, string value)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Read((key, value)));

        Assert.Contains(key, Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    private static DeliveryOptions Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                settings.Select(setting => KeyValuePair.Create($"Webhooks:Delivery:{setting.Key}", (string?)setting.Value)))
                    .Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration);
        services.AddCheckedOptions<DeliveryOptions>(DeliveryOptions.Section);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<DeliveryOptions>>().Value;
    }
}
