using System.Security.Cryptography.X509Certificates;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Sender.Api;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.Series;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender;

/// <summary>What the Sender consists of, in the order in which data meets it.</summary>
public static class SenderService
{
    // Part of every cipher text: another name cannot read them.
    private const string ApplicationName = "Aspire.Webhooks";

    public static WebApplicationBuilder AddSender(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddRedisClient("redis");
        builder.AddWebhookStorage();
        builder.AddBearerTokens();
        builder.AddSecretProtection();
        builder.AddLoopbackEndpoint();
        builder.Services
            .AddEventTypes()
            .AddEndpoints()
            .AddMessages()
            .AddDelivery()
            .AddApi();
        return builder;
    }

    public static WebApplication MapSender(this WebApplication app)
    {
        app.ValidateOptions();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapDefaultEndpoints();
        app.MapEndpoints();
        app.MapEventTypes();
        app.MapAdmin();
        app.MapRestore();
        app.MapPublishing();
        app.MapMessages();
        app.MapDeliveries();
        app.MapRecovery();
        app.MapPortalLinks();
        app.MapDocumentation();
        return app;
    }

    /// <summary>Encrypts endpoints' secrets with keys that all Senders share: they are kept in Postgres.</summary>
    public static WebApplicationBuilder AddSecretProtection(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<SecretProtection>();
        services.AddCheckedOptions<SecretProtectionOptions>(SecretProtectionOptions.Section)
            .Check((options, _) => options.Load().Select(loaded => loaded.Error).OfType<string>());
        var protection = services.AddDataProtection().SetApplicationName(ApplicationName).PersistKeysToDbContext<WebhooksDb>();

        // It would read the keys at start, and hold up the service where Postgres comes later. They are read when needed.
        services.Remove(services.Single(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly));

        // Data protection takes certificates, not options. One that cannot be used stops the start by the check above.
        var options = new SectionBinder([]).Read<SecretProtectionOptions>(builder.Configuration, SecretProtectionOptions.Section);
        X509Certificate2[] certificates = [.. options.Load().Select(loaded => loaded.Certificate).OfType<X509Certificate2>()];
        if (certificates.Length > 0)
        {
            protection.ProtectKeysWithCertificate(certificates[0]).UnprotectKeysWithAnyCertificate(certificates);
        }

        return builder;
    }

    public static IServiceCollection AddEventTypes(this IServiceCollection services)
    {
        services.AddCheckedOptions<EventTypesOptions>(EventTypesOptions.Section).Check((options, _) => options.Errors());
        return services.AddOperatorEvents().AddSingleton<EventTypeCatalog>();
    }

    private static IServiceCollection AddEndpoints(this IServiceCollection services)
    {
        services.AddCheckedOptions<PingOptions>(PingOptions.Section);
        return services
            .AddSingleton<AuditLog>()
            .AddSingleton<EndpointRules>()
            .AddSingleton<EndpointStore>()
            .AddScoped<EndpointQueries>()
            .AddSingleton<EndpointSecretRotation>()
            .AddSingleton<EndpointPing>()
            .AddSingleton<PingRates>();
    }

    private static IServiceCollection AddMessages(this IServiceCollection services) => services
        .AddSingleton<PublishService>()
        .AddSingleton<Redelivery>()
        .AddScoped<MessageQueries>()
        .AddScoped<DeliveryQueries>();

    private static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.AddCheckedOptions<DeliveryVariables>("");
        services.AddCheckedOptions<DeliveryOptions>(DeliveryOptions.Section).Configure<IConfiguration>(DeliveryVariables.Apply);
        return services
            .Configure<JobOptions>(
                nameof(JobKind.Delivery), jobs => (jobs.Concurrency, jobs.PerLane, jobs.SlowConcurrency) = (1024, 8, 512))
            .AddEgressGuard()
            .AddJobPump<DeliveryJobHandler, DeliveryRow?>()
            .AddSingleton<RestoreGuard>()
            .AddHostedService(provider => provider.GetRequiredService<RestoreGuard>())
            .AddSingleton<DeliveryStore>()
            .AddSingleton<DeliveryClient>()
            .AddSingleton(provider => provider.GetRequiredService<IOptions<DeliveryOptions>>().Value.Circuit)
            .AddSingleton<EndpointCircuit>()
            .AddSingleton<EndpointPace>()
            .AddSingleton<EndpointDeactivation>()
            .AddDatabaseGauges(EndpointCircuit.OpenCircuits)
            .AddFirstValues(_ =>
            {
                DeliveryMetrics.Begin();
                EndpointDeactivation.Begin();
            });
    }

    private static IServiceCollection AddApi(this IServiceCollection services) => services
        .AddPortalLinks()
        .AddScoped<EndpointAdministration>()
        .AddSingleton<ContentErasure>()
        .AddSingleton<DeliveryStats>()
        .AddSingleton<SeriesQueries>()
        .AddOpenApi(options => options.DescribeOperators(
            "Aspire.Webhooks Sender", "Sends merchants' messages to their endpoints, signed, and shows what became of them."));
}
