namespace Aspire.Webhooks.AppHost;

public static class Deliveries
{
    private static readonly string[] Variables =
        ["WEBHOOK_DELIVERY_TIMEOUT_SECONDS", "WEBHOOK_MAX_RETRIES", "WEBHOOK_MAX_CONSECUTIVE_FAILURES"];

    /// <summary>Passes the delivery settings of the configuration, such as those in <c>.env</c>, to the service.</summary>
    public static IResourceBuilder<T> WithDeliveries<T>(this IResourceBuilder<T> resource)
        where T : IResourceWithEnvironment
    {
        foreach (var variable in Variables)
        {
            if (resource.ApplicationBuilder.Configuration[variable] is { Length: > 0 } value)
            {
                resource.WithEnvironment(variable, value);
            }
        }

        return resource;
    }
}
